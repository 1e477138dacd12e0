import { performance } from 'node:perf_hooks';

import {
  cancelMessages,
  controlMessage,
  MessageType,
  ProtocolError,
  recordMessages,
  refusedMessage,
  taskField,
} from '@parsl-ts/wire';

import type { FrameLink } from '../link/frame-link.js';
import { NOBODY, type AssignmentJournal } from '../link/assignment-journal.js';
import { FromInterchange } from '../link/link-protocol.js';
import { packSubmissions } from '../link/submissions.js';
import type { Instruction } from './instruction.js';
import type { InterchangeState } from './interchange-state.js';
import type { JsonLog } from './json-log.js';
import { PoolNewsCollector } from './pool-news.js';
import { PoolReader } from './pool-reader.js';
import type { PoolSocket } from './pool-socket.js';
import { SparingAnswers } from './sparing-answers.js';

/** How often the submit process hears how many tasks pools hold, at most, in ms. */
const NEWS_MS = 50;
/** And how much later for each pool that it had to hear of the last time, in ms: what it costs both stays a few percent. */
const NEWS_MS_PER_POOL = 0.05;
/** How often managers hear that their results have been passed on, at most, in ms. */
const ACKNOWLEDGE_MS = 50;
/** And how much later for each manager that had to hear it the last time, in ms: with thousands it costs a few percent. */
const ACKNOWLEDGE_MS_PER_POOL = 0.25;
/** When this process wakes so much later than it wanted to, it was stopped, in ms. */
const STOPPED_MS = 500;
/** How long the end of the pools is waited for, in ms. */
const FAREWELL_MS = 1000;
/** Node.js waits no longer than this, in ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** How long ZeroMQ may take to send the last messages, in ms. */
const LINGER_MS = 200;

/** Carries out what the state decides: owns the sockets' traffic and the clock. */
export class Interchange {
  private readonly state: InterchangeState;
  private readonly link: FrameLink;
  private readonly journal: AssignmentJournal;
  private readonly log: JsonLog;
  private readonly news = new PoolNewsCollector();
  private readonly answers = new SparingAnswers();
  private readonly reader: PoolReader;
  private pools: PoolSocket | undefined;
  private newsTimer: NodeJS.Timeout | undefined;
  private toldMissingMs: number | undefined;
  private newsPauseMs = NEWS_MS;
  private acknowledgeTimer: NodeJS.Timeout | undefined;
  private acknowledgePauseMs = ACKNOWLEDGE_MS;
  private wakeTimer: NodeJS.Timeout | undefined;
  private wakesAt = Infinity;
  private closing: (() => void) | undefined;
  private closed: Promise<void> | undefined;

  constructor(state: InterchangeState, link: FrameLink, journal: AssignmentJournal, log: JsonLog) {
    this.state = state;
    this.link = link;
    this.journal = journal;
    this.log = log;
    this.reader = new PoolReader(state, (id, reason) => {
      this.log.write('warn', 'refused a worker pool', { id, reason });
      this.answer(id, refusedMessage(reason));
    });
  }

  /** Starts to work with pools. */
  serve(pools: PoolSocket): void {
    this.pools = pools;
    pools.receive().catch((error: unknown) => {
      if (this.closing === undefined) throw error;
    });
  }

  /** A message of a pool. */
  readonly onPoolMessage = (id: string, frames: readonly Buffer[]): void => {
    try {
      this.reader.read(id, frames, performance.now());
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.log.write('warn', 'dropped a message', { id, reason: error.message });
    }
  };

  readonly onUnreachable = (id: string): void => {
    this.state.disconnected(id, performance.now());
    this.flush();
  };

  /** Carries out all that is to be done: once for all that came in together. */
  readonly flush = (): void => {
    const now = performance.now();
    const instructions = this.state.decide(now);
    let noted = false;
    for (const instruction of instructions) {
      if (instruction.do === 'send-tasks' && !noted) {
        // Whoever has tasks when this process dies must be known, and which.
        if (this.news.isUrgent) this.tellNews();
        this.noteAssignments(instructions);
        noted = true;
      }
      this.carryOut(instruction);
    }
    if (!noted) this.noteAssignments(instructions);
    this.planNews();
    if (this.state.owesAcknowledgements) {
      this.acknowledgeTimer ??= setTimeout(() => this.acknowledge(), this.acknowledgePauseMs);
    }
    this.tellMissingTime(now);
    this.planWake(now);
    if (this.state.managers.size === 0) this.closing?.();
  };

  /** Ends all pools; resolves when they have gone, or after a while. A second call waits for the first. */
  close(): Promise<void> {
    if (this.pools === undefined) return Promise.resolve();
    this.closed ??= this.closeOnce(this.pools);
    return this.closed;
  }

  private async closeOnce(pools: PoolSocket): Promise<void> {
    const gone = new Promise<void>((resolve) => (this.closing = resolve));
    this.log.write('info', 'the run ends', { pools: this.state.managers.size });
    this.state.shutdown();
    this.flush();
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))]);
    await pools.flushed();
    clearTimeout(this.newsTimer);
    clearTimeout(this.acknowledgeTimer);
    clearTimeout(this.wakeTimer);
    pools.close(LINGER_MS);
  }

  private carryOut(instruction: Instruction): void {
    switch (instruction.do) {
      case 'note-waiting':
        return;
      case 'send-tasks':
        for (const message of recordMessages(MessageType.tasks, instruction.records)) {
          this.send(instruction.to, message);
        }
        return;
      case 'send-code':
        return this.send(instruction.to, instruction.frames);
      case 'send-cancel': {
        const { submissions, reason } = instruction;
        for (const message of cancelMessages(submissions, reason)) this.send(instruction.to, [message]);
        return;
      }
      case 'send-recall':
        return this.send(instruction.to, [controlMessage(MessageType.recall, { tasks: instruction.tasks })]);
      case 'send-registered':
        return this.send(instruction.to, [
          controlMessage(MessageType.registered, { runId: this.state.runId }),
        ]);
      case 'send-heartbeat':
        return this.send(instruction.to, [controlMessage(MessageType.heartbeat)]);
      case 'send-unknown':
        return this.answer(instruction.to, [
          controlMessage(MessageType.unknown, { asked: instruction.asked }),
        ]);
      case 'send-shutdown':
        return this.send(instruction.to, [controlMessage(MessageType.shutdown)]);
      case 'send-refused':
        this.log.write('warn', 'refused a worker pool', { id: instruction.to, reason: instruction.reason });
        return this.answer(instruction.to, refusedMessage(instruction.reason));
      case 'ask-again': {
        const { submissions } = instruction;
        this.log.write('warn', 'tasks were lost on their way to a worker pool', {
          tasks: submissions.length,
        });
        return this.link.send(FromInterchange.again, [packSubmissions(submissions)]);
      }
      case 'report-results':
        // Whoever hears that a task was lost with its pool must not see that pool any more.
        if (this.news.isUrgent) this.tellNews();
        return this.link.sendRecords(FromInterchange.results, instruction.records);
      case 'report-joined':
        this.log.write('info', 'a worker pool has registered', {
          id: instruction.id,
          ...instruction.registration,
        });
        return this.news.addJoined(instruction.id, instruction.registration);
      case 'report-bad':
        this.log.write('warn', 'a worker pool is held: tasks fail on it', { ...instruction.pool });
        if (this.news.isUrgent) this.tellNews();
        return this.link.sendControl(FromInterchange.bad, instruction.pool);
      case 'report-left': {
        const { id, reason, lost } = instruction;
        this.log.write(lost ? 'warn' : 'info', lost ? 'a worker pool is lost' : 'a worker pool has left', {
          id,
          reason,
        });
        return this.news.addLeft(id, reason, lost);
      }
    }
  }

  /** To what nobody should have said: not as often as somebody says it. */
  private answer(to: string, frames: readonly Buffer[]): void {
    if (this.answers.allows(to, performance.now())) this.send(to, frames);
  }

  private send(to: string, frames: readonly Buffer[]): void {
    this.pools?.send(to, frames);
  }

  private noteAssignments(instructions: readonly Instruction[]): void {
    for (const instruction of instructions) {
      if (instruction.do === 'send-tasks') {
        this.journal.note(
          instruction.to,
          instruction.records.map((record) => taskField.submission(record)),
        );
      } else if (instruction.do === 'note-waiting') {
        this.journal.note(NOBODY, instruction.submissions);
      }
    }
    this.journal.write();
    if (!this.journal.isLong) return;
    this.journal.rewrite(Array.from(this.state.managers.values(), ({ id, held }) => [id, held]));
  }

  /** A result that the submit process is sure to get need not be kept by its manager any longer. */
  private acknowledge(): void {
    this.acknowledgeTimer = undefined;
    const { instructions, delivered } = this.state.acknowledge(performance.now());
    for (const instruction of instructions) this.carryOut(instruction);
    this.acknowledgePauseMs = ACKNOWLEDGE_MS + ACKNOWLEDGE_MS_PER_POOL * delivered.length;
    this.link.whenTaken(() => {
      for (const [id, body] of delivered) this.send(id, [controlMessage(MessageType.delivered, body)]);
    });
  }

  private planNews(): void {
    if (this.news.isUrgent) this.tellNews();
    else if (this.state.hasChanged) this.newsTimer ??= setTimeout(() => this.tellNews(), this.newsPauseMs);
  }

  /** Answers are never ahead of the news: what they say of a pool has been told before. */
  tellNews(): void {
    clearTimeout(this.newsTimer);
    this.newsTimer = undefined;
    this.newsPauseMs = NEWS_MS;
    for (const news of this.news.collect(this.state.takeChanged())) {
      this.newsPauseMs += NEWS_MS_PER_POOL * news.activity.length;
      this.link.sendControl(FromInterchange.pools, news);
    }
  }

  private tellMissingTime(now: number): void {
    const needed = this.state.missingTimeMs;
    if (needed === undefined && this.toldMissingMs === undefined) return;
    const leftMs = this.state.longestTimeLeft(now);
    const neededMs = needed !== undefined && needed > leftMs ? needed : undefined;
    if (neededMs === this.toldMissingMs) return;
    this.toldMissingMs = neededMs;
    this.link.sendControl(FromInterchange.missingTime, { neededMs, leftMs });
  }

  private planWake(now: number): void {
    const at = this.state.wakeAt();
    if (at === this.wakesAt) return;
    this.wakesAt = at;
    clearTimeout(this.wakeTimer);
    if (at < Infinity)
      this.wakeTimer = setTimeout(() => this.wake(), Math.min(Math.max(1, at - now), LONGEST_TIMER_MS));
  }

  private wake(): void {
    const now = performance.now();
    const lateMs = now - this.wakesAt;
    this.wakesAt = Infinity;
    if (lateMs > STOPPED_MS) this.state.excuse(lateMs);
    this.state.tick(now);
    this.flush();
  }
}
