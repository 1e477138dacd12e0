import { resultField, ResultStatus, taskField, type Delivered, type Registration } from '@parsl-ts/wire';

import type { Instruction } from '../interchange/instruction.js';
import { InterchangeState } from '../interchange/interchange-state.js';
import { seededRandom } from '../interchange/seeded-random.js';
import { createSelector } from '../interchange/selector.js';
import { registration, resultRecord, taskRecord } from './simulated-run.js';

/** What a pool hears: also what the interchange says by itself. */
type ToPool = Instruction | ({ readonly do: 'send-delivered'; readonly to: string } & Delivered);

/** A worker pool, as far as the interchange is concerned: what it holds, and results that may not have arrived. */
class FaultyPool {
  readonly id: string;
  readonly registration: Registration;
  readonly held = new Set<number>();
  readonly running = new Set<number>();
  undelivered: number[] = [];
  delivered = 0;
  isReturning = false;
  /** Its connection broke, and it has not been welcomed back. */
  isAway = false;
  /** How often its connection is back and it has not heard of that yet. */
  reconnections = 0;
  /** Of the run that has welcomed it. */
  runId = '';
  isLeaving = false;
  hasLeft = false;
  /** Messages on their way to the interchange, and from it. */
  toInterchange: ((state: InterchangeState, now: number) => void)[] = [];
  fromInterchange: ToPool[] = [];

  constructor(id: string, pid: number) {
    this.id = id;
    this.registration = registration({ pid, workers: 2, capacity: 6 });
    this.toInterchange.push((state, now) => state.register(id, this.registration, now));
  }

  send(message: (state: InterchangeState, now: number) => void): void {
    this.toInterchange.push((state, now) => {
      if (state.heard(this.id, now)) message(state, now);
    });
  }

  finish(submission: number): void {
    this.held.delete(submission);
    this.running.delete(submission);
    this.undelivered.push(submission);
    this.send((state) => state.addResult(this.id, resultRecord(submission)));
  }

  /** It hears that the connection is back. What was on its way does not come any more; what came since has come before this. */
  hearOfReconnections(): void {
    for (; this.reconnections > 0; this.reconnections--) this.askToBeAsked();
  }

  onDelivered({ results, last }: Delivered): void {
    const count = results - this.delivered;
    if (this.isAway || count <= 0) return;
    if (this.undelivered[count - 1] !== last) return this.askToBeAsked();
    this.undelivered.splice(0, count);
    this.delivered = results;
  }

  private askToBeAsked(): void {
    this.isAway = true;
    this.isReturning = false;
    this.send((state, now) => state.reconnected(this.id, now));
  }

  registerAnew(asked: number): void {
    if (this.isReturning) return;
    this.isReturning = true;
    const { delivered, undelivered } = this;
    const tasks = [...this.held, ...undelivered].map((submission) => ({ submission, taskId: submission }));
    this.toInterchange.push((state, now) =>
      state.register(this.id, this.registration, now, { asked, runId: this.runId, delivered, tasks }),
    );
    for (const submission of undelivered) {
      this.send((state) => state.addResult(this.id, resultRecord(submission)));
    }
    if (this.isLeaving) this.send((state) => state.drain(this.id));
  }

  /** It ends: what it has not started goes elsewhere. */
  leave(): void {
    this.isLeaving = true;
    this.send((state) => state.drain(this.id));
    this.giveBack([...this.held].filter((each) => !this.running.has(each)));
  }

  giveBack(submissions: readonly number[]): void {
    for (const submission of submissions) this.held.delete(submission);
    const records = submissions.map((submission) => taskRecord(submission));
    this.send((state, now) => state.takeBack(this.id, records, now));
  }

  /** When nothing is left to do or to be delivered. */
  leaveIfDone(): void {
    if (!this.isLeaving || this.hasLeft || this.held.size > 0 || this.undelivered.length > 0) return;
    if (this.isReturning || this.reconnections > 0 || this.toInterchange.length > 0) return;
    this.hasLeft = true;
    this.send((state) => state.goodbye(this.id));
  }
}

/**
 * A run whose connections break, with messages on their way, and whose interchange dies. Throws when a task is started twice
 * or settled twice. Nothing in it is ever lost for good, so each task must succeed in the end.
 */
export class FaultyRun {
  private state: InterchangeState;
  private readonly random: () => number;
  private readonly pools = new Map<string, FaultyPool>();
  private readonly outstanding = new Set<number>();
  private readonly journal = new Map<number, string>();
  private readonly started = new Set<number>();
  private submitted = 0;
  /** Tasks on their way from the submit process to the interchange. */
  private toInterchange: number[] = [];
  now = 0;
  succeeded = 0;
  crashes = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.state = this.newState();
  }

  /** One thing happens. */
  step(): void {
    this.now += this.below(20);
    const what = this.random();
    if (what < 0.2) this.submit();
    else if (what < 0.22 && this.there.length < 5) this.join();
    else if (what < 0.225) this.one(this.there)?.leave();
    else if (what < 0.6) this.work();
    else if (what < 0.64) this.breakConnection(this.one(this.there));
    else if (what < 0.645) this.crash();
    this.pass(false);
  }

  /** Lets everything end that has been begun. */
  settle(): void {
    if (this.there.every(({ isLeaving }) => isLeaving)) this.join();
    for (let round = 0; round < 5000 && this.outstanding.size > 0; round++) {
      this.now += 50;
      this.work();
      this.pass(true);
    }
    const left = [...this.outstanding];
    if (left.length > 0)
      throw new Error(`${left.length} tasks are never settled: ${left.slice(0, 5).join()}`);
    if (this.state.waiting > 0) throw new Error('tasks wait that have been settled');
  }

  /** Pools that have not left. */
  private get there(): FaultyPool[] {
    return [...this.pools.values()].filter(({ hasLeft }) => !hasLeft);
  }

  private newState(): InterchangeState {
    return new InterchangeState({
      ...{
        runId: 'run',
        heartbeatPeriodMs: 1e9,
        heartbeatThresholdMs: 1e12,
        reconnectMs: 1e12,
        returnMs: 1e12,
      },
      ...{ mostManagers: Infinity, badNodes: undefined, longestTaskMs: Infinity },
      firstQuestion: this.below(2 ** 40),
      selector: createSelector('spread', this.random),
    });
  }

  private submit(): void {
    for (let count = this.below(8); count > 0; count--) {
      this.outstanding.add(this.submitted);
      this.toInterchange.push(this.submitted++);
    }
  }

  private join(): void {
    const pid = this.pools.size + 1;
    this.pools.set(`p${pid}`, new FaultyPool(`p${pid}`, pid));
  }

  /** Workers start and finish tasks. */
  private work(): void {
    for (const pool of this.pools.values()) {
      for (const submission of pool.held) {
        if (pool.running.size === 2 || pool.running.has(submission)) continue;
        if (this.started.has(submission)) throw new Error(`${submission} was started twice`);
        this.started.add(submission);
        pool.running.add(submission);
      }
      for (const submission of pool.running) if (this.random() < 0.4) pool.finish(submission);
      pool.leaveIfDone();
    }
  }

  /** Messages arrive: all of them, or some of the first. */
  private pass(all: boolean): void {
    const some = (count: number) => (all ? count : this.below(count + 1));
    for (const submission of this.toInterchange.splice(0, some(this.toInterchange.length))) {
      this.state.addTask(taskRecord(submission));
    }
    for (const pool of this.pools.values()) {
      if (all || this.random() < 0.5) pool.hearOfReconnections();
      for (const message of pool.toInterchange.splice(0, some(pool.toInterchange.length))) {
        message(this.state, this.now);
      }
    }
    this.obey(this.state.decide(this.now));
    if (all || this.random() < 0.3) this.acknowledge();
    for (const pool of this.pools.values()) {
      for (const instruction of pool.fromInterchange.splice(0, some(pool.fromInterchange.length))) {
        this.receive(pool, instruction);
      }
    }
  }

  private acknowledge(): void {
    const { instructions, delivered } = this.state.acknowledge(this.now);
    this.obey(instructions);
    for (const [to, body] of delivered) {
      this.pools.get(to)?.fromInterchange.push({ do: 'send-delivered', to, ...body });
    }
  }

  private obey(instructions: readonly Instruction[]): void {
    for (const instruction of instructions) {
      if (instruction.do === 'send-tasks') {
        for (const record of instruction.records) {
          this.journal.set(taskField.submission(record), instruction.to);
        }
      }
      if (instruction.do === 'note-waiting') {
        for (const submission of instruction.submissions) this.journal.delete(submission);
      } else if (instruction.do === 'ask-again') this.toInterchange.push(...instruction.submissions);
      else if (instruction.do === 'report-results')
        for (const record of instruction.records) this.settled(record);
      else if ('to' in instruction) this.pools.get(instruction.to)?.fromInterchange.push(instruction);
    }
  }

  private settled(record: Parameters<typeof resultField.status>[0]): void {
    const submission = resultField.submission(record);
    if (resultField.status(record) !== ResultStatus.succeeded) throw new Error(`${submission} has failed`);
    if (!this.outstanding.delete(submission)) throw new Error(`${submission} was settled twice`);
    this.succeeded++;
  }

  private receive(pool: FaultyPool, instruction: ToPool): void {
    if (instruction.do === 'send-tasks') {
      const submissions = instruction.records.map((record) => taskField.submission(record));
      if (pool.isLeaving) pool.giveBack(submissions);
      else for (const submission of submissions) pool.held.add(submission);
    } else if (instruction.do === 'send-unknown') {
      pool.registerAnew(instruction.asked);
    } else if (instruction.do === 'send-registered') {
      if (pool.isReturning) pool.isAway = false;
      pool.isReturning = false;
      pool.runId = 'run';
    } else if (instruction.do === 'send-cancel') {
      for (const submission of instruction.submissions) {
        if (pool.held.has(submission))
          throw new Error(`${submission} is to be stopped, and nobody has cancelled it`);
      }
    } else if (instruction.do === 'send-delivered') {
      pool.onDelivered(instruction);
    } else if (instruction.do === 'send-recall') {
      pool.giveBack([...pool.held].filter((each) => !pool.running.has(each)).slice(-instruction.tasks));
    }
  }

  /** Some of the first messages on their ways still arrive, in both directions; the others are lost. */
  private breakConnection(pool: FaultyPool | undefined): void {
    if (pool === undefined) return;
    for (const message of pool.toInterchange.splice(0, this.below(pool.toInterchange.length + 1))) {
      message(this.state, this.now);
    }
    const arriving = pool.fromInterchange.splice(0, this.below(pool.fromInterchange.length + 1));
    for (const instruction of arriving) this.receive(pool, instruction);
    pool.toInterchange = [];
    pool.fromInterchange = [];
    if (this.random() < 0.5) this.state.disconnected(pool.id, this.now);
    this.obey(this.state.decide(this.now));
    pool.fromInterchange = [];
    pool.reconnections++;
  }

  /** The interchange dies, and another one takes its place. What it has said to the submit process counts. */
  private crash(): void {
    this.crashes++;
    this.toInterchange = [...this.outstanding];
    const known = [...this.state.managers.keys()];
    this.state = this.newState();
    for (const id of known) {
      const submissions = this.toInterchange.filter((submission) => this.journal.get(submission) === id);
      this.state.expect(id, this.pools.get(id)?.registration ?? registration(), submissions, this.now);
    }
    for (const pool of this.there) this.breakConnection(pool);
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private one<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)];
  }
}
