import type { ProcessEnd } from '@parsl-ts/wire';

import { ExecutorClosedError, InterchangeLost, InterchangeStartError } from '../errors.js';
import { type AssignmentJournal } from '../link/assignment-journal.js';
import { readTrusted, type FrameLink } from '../link/frame-link.js';
import type { InterchangeSetup } from '../link/interchange-setup.js';
import {
  FromInterchange,
  ToInterchange,
  type BadPool,
  type InterchangeReady,
  type InterchangeRefusal,
  type MissingTime,
  type PoolNews,
} from '../link/link-protocol.js';
import { readSubmissions } from '../link/submissions.js';
import { Holds } from './holds.js';
import { InterchangeProcess } from './interchange-process.js';
import { JournalFiles } from './journal-files.js';

/** So many deaths within so many ms are one too many. */
const DEATHS = 3;
const DEATHS_WITHIN_MS = 60_000;
/** How long after its second death the interchange is started again, in ms; after the first, at once. */
const PAUSE_MS = 1000;
/**
 * How long its port may be somebody else's then, in ms: a connection of any program may have got it meanwhile. Pools wait
 * for longer.
 */
const PORT_PATIENCE_MS = 10_000;

/** What an interchange tells the executor. */
export interface InterchangeEvents {
  /** Result records. */
  onResults(body: Buffer): void;
  onPools(news: PoolNews): void;
  /** A pool is held because tasks fail on it. It has been told of before. */
  onBadPool(pool: BadPool): void;
  onMissingTime(missing: MissingTime): void;
  /** These are to be sent again: they did not reach a manager. */
  onAgain(submissions: readonly number[]): void;
  /** It has died, and is going to be started again. Until {@link onReplace}, what is sent goes nowhere. */
  onDied(death: InterchangeLost): void;
  /**
   * It is about to be started again.
   *
   * @param journal which manager was given which task; to be written anew with what is still so
   */
  onReplace(journal: AssignmentJournal): void;
  /** It has been started again, and is to be told everything, before this returns. */
  onReplaced(): void;
  /** It has died once too often. */
  onLost(error: InterchangeLost): void;
}

/** The interchange of one executor, from its start to its end: one process after the other, if it dies. */
export class InterchangeClient {
  private readonly setup: InterchangeSetup;
  private readonly directory: string;
  private readonly events: InterchangeEvents;
  private readonly holds = new Holds();
  private readonly journal: JournalFiles;
  private process: InterchangeProcess;
  private starting: { resolve(port: number): void; reject(error: Error): void } | undefined;
  /** What it said when it was ready for the first time. */
  private ready: InterchangeReady | undefined;
  private refusal: InterchangeRefusal | undefined;
  private deaths: { readonly at: number; readonly error: InterchangeLost }[] = [];
  private replacing: NodeJS.Timeout | undefined;
  private closing = false;
  /** There is no process, and there will be none. */
  private released = false;

  /**
   * Starts the process.
   *
   * @throws InterchangeStartError when there is no directory for it, or no process
   * @param directory The executor's directory of the run.
   */
  constructor(setup: InterchangeSetup, directory: string, events: InterchangeEvents) {
    this.setup = setup;
    this.directory = directory;
    this.events = events;
    let journal: JournalFiles | undefined;
    try {
      journal = new JournalFiles(directory);
      this.journal = journal;
      this.process = this.spawn();
    } catch (cause) {
      journal?.close();
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new InterchangeStartError(setup.label, message, { cause });
    }
    this.link.sendControl(ToInterchange.setup, setup);
  }

  /** To the process that there is now. */
  get link(): FrameLink {
    return this.process.link;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /**
   * Resolves to the port on which the interchange listens.
   *
   * @throws InterchangeStartError when it cannot
   */
  listening(): Promise<number> {
    return new Promise((resolve, reject) => (this.starting = { resolve, reject }));
  }

  /** Resolves when these managers and the managers of these blocks will get no further tasks. */
  hold(managers: readonly string[], blocks: readonly string[]): Promise<void> {
    if (this.closing || this.released) return Promise.resolve();
    return this.holds.ask(this.link, managers, blocks);
  }

  /** Ends it and all its pools; resolves when its process has gone. */
  async close(): Promise<void> {
    this.closing = true;
    if (this.replacing === undefined) {
      this.link.send(ToInterchange.close, []);
      await this.process.ended();
    }
    this.release();
  }

  endNow(): void {
    this.closing = true;
    this.process.endNow();
  }

  private spawn(): InterchangeProcess {
    return new InterchangeProcess(this.directory, this.journal.descriptors, {
      onFrame: (type, body) => this.onFrame(type, body),
      onExit: (end, stderr) => this.onExit(end, stderr),
    });
  }

  private onFrame(type: number, body: Buffer): void {
    switch (type) {
      case FromInterchange.results:
        return this.events.onResults(body);
      case FromInterchange.pools:
        return this.events.onPools(readTrusted<PoolNews>(body));
      case FromInterchange.again:
        return this.events.onAgain(readSubmissions(body));
      case FromInterchange.bad:
        return this.events.onBadPool(readTrusted<BadPool>(body));
      case FromInterchange.missingTime:
        return this.events.onMissingTime(readTrusted<MissingTime>(body));
      case FromInterchange.ready:
        this.ready ??= readTrusted<InterchangeReady>(body);
        this.starting?.resolve(this.ready.port);
        this.starting = undefined;
        return;
      case FromInterchange.failed:
        this.refusal = readTrusted<InterchangeRefusal>(body);
        return;
      case FromInterchange.held:
        return this.holds.obeyed(readTrusted<{ readonly request: number }>(body).request);
    }
  }

  private onExit(end: ProcessEnd, stderr: string): void {
    if (this.starting !== undefined) {
      this.starting.reject(this.startError(end, stderr));
      this.starting = undefined;
    }
    if (this.ready === undefined || this.closing) return this.holds.clear();
    this.onDeath(end, stderr);
  }

  private onDeath(end: ProcessEnd, stderr: string): void {
    const at = performance.now();
    this.deaths = this.deaths.filter((death) => at - death.at < DEATHS_WITHIN_MS);
    const verdict = this.verdict();
    const error = new InterchangeLost(this.setup.label, end, {
      how: this.refusal && `could not be started again: ${this.refusal.message}`,
      ...{ stderr, logFile: this.setup.logFile },
      ...(verdict === undefined ? {} : { verdict, deaths: this.deaths.map((death) => death.error) }),
    });
    this.refusal = undefined;
    this.deaths.push({ at, error });
    if (verdict !== undefined) {
      this.release();
      this.events.onLost(error);
      return;
    }
    this.replacing = setTimeout(() => this.replace(), this.deaths.length === 1 ? 0 : PAUSE_MS);
    this.events.onDied(error);
  }

  /** Why it is not started again, if it is not. */
  private verdict(): string | undefined {
    if (this.deaths.length + 1 >= DEATHS) {
      return 'This was its third death within a minute, so it was not started again; start a new run when the reason is found';
    }
    if (!this.journal.open().isComplete) {
      return 'It could not note which worker pool has which task, for want of memory, so it was not started again; start a new run';
    }
    return undefined;
  }

  private replace(): void {
    this.replacing = undefined;
    if (this.closing) return;
    this.events.onReplace(this.journal.open());
    try {
      this.process = this.spawn();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      this.onDeath({ exitCode: null, signal: null }, message);
      return;
    }
    this.link.sendControl(ToInterchange.setup, {
      ...this.setup,
      port: this.ready?.port,
      keys: this.ready?.keys,
      portPatienceMs: PORT_PATIENCE_MS,
    });
    // Before it has any task that it could give to one of them.
    this.holds.askAgain(this.link);
    this.events.onReplaced();
  }

  private release(): void {
    this.released = true;
    clearTimeout(this.replacing);
    this.holds.clear();
    this.journal.close();
  }

  private startError(end: ProcessEnd, stderr: string): Error {
    const { label } = this.setup;
    if (this.closing) return new ExecutorClosedError(label, 'was closed while it started');
    if (this.refusal !== undefined) {
      return new InterchangeStartError(label, this.refusal.message, { option: this.refusal.option });
    }
    const how =
      end.signal === null ? `it exited with code ${String(end.exitCode)}` : `it was killed by ${end.signal}`;
    return new InterchangeStartError(label, `${how}; it wrote: ${stderr === '' ? 'nothing' : stderr}`);
  }
}
