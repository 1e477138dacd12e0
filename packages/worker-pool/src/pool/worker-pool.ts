import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  controlMessage,
  detachPayload,
  joinRecords,
  MessageType,
  preamble,
  registerMessage,
  RESULT_HEAD_BYTES,
  type PackedRecord,
  type Registration,
} from '@parsl-ts/wire';

import { hostNow } from '../host-clock.js';
import { Manager } from '../manager/manager.js';
import { type Instruction, type ManagerEvent } from '../manager/protocol.js';
import { nodeResources } from '../resources/node-resources.js';
import { blockEnd, type BlockEnd } from './block-end.js';
import { type Connection } from './connection.js';
import { findInterchange } from './find-interchange.js';
import { FunctionStore } from './function-store.js';
import { Guardian } from './guardian.js';
import { InterchangeLink } from './interchange-link.js';
import { InterchangeMessages } from './interchange-messages.js';
import { Liveness } from './liveness.js';
import { LongTimer } from './long-timer.js';
import { type WorkerPoolOptions } from './options.js';
import { packageVersion } from './package-files.js';
import { PoolExit } from '../pool-error.js';
import { PoolLog } from './pool-log.js';
import { UndeliveredResults } from './undelivered-results.js';
import { WorkerCrew } from './worker-crew.js';
import { workerCommands } from './worker-launch.js';
import { workersOfNode } from './workers-of-node.js';

const DEFAULTS = { heartbeatPeriodMs: 30_000, heartbeatThresholdMs: 120_000, addressProbeTimeoutMs: 30_000 };
/** How long last messages may take, in ms. */
const FAREWELL_MS = 500;
/** How long a pool that is told to end waits to hear that its last results have arrived, in ms. */
const LAST_RESULTS_MS = 5000;

const DRAINED = 'it has drained';

/** The interchange hears that so much less time is left, in ms: what it sends is on its way for a while. */
const TRAVEL_MS = 1000;

/** How a worker pool ended. */
export interface PoolEnd {
  /** What `parsl-worker-pool` exits with. */
  readonly exitCode: number;
  readonly reason: string;
}

/** A worker pool that has registered with its interchange. */
export interface WorkerPool {
  /** By which the interchange knows it. */
  readonly id: string;
  readonly workers: number;
  /** Resolves when the pool has ended, for whatever reason, and none of its processes is left. */
  readonly closed: Promise<PoolEnd>;
  /** Hands back what has not started, gives up what runs, ends the workers. Resolves when none is left. */
  close(reason?: string): Promise<void>;
}

/**
 * Starts the workers of this node and registers them with an interchange.
 *
 * @throws WorkerPoolError when the options make no sense here, or the interchange cannot be reached or refuses the pool.
 */
export async function startWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const pool = new RunningPool(options);
  try {
    await pool.register();
    return pool;
  } catch (error) {
    await pool.end({ exitCode: PoolExit.failed, reason: 'it could not register' });
    throw error;
  }
}

class RunningPool implements WorkerPool {
  readonly id = randomBytes(6).toString('hex');
  readonly workers: number;
  readonly closed: Promise<PoolEnd>;
  private readonly options: WorkerPoolOptions;
  private readonly blockId: string;
  private readonly resources = nodeResources();
  private readonly blockEnd: BlockEnd;
  private readonly scratchDir: string;
  private readonly log: PoolLog;
  private readonly guardian: Guardian;
  private readonly functions: FunctionStore;
  private readonly crew: WorkerCrew;
  private readonly manager: Manager;
  private readonly undelivered = new UndeliveredResults();
  private link: InterchangeLink | undefined;
  private liveness: Liveness | undefined;
  private drainTimer: LongTimer | undefined;
  private endTimer: LongTimer | undefined;
  private wakeTimer: NodeJS.Timeout | undefined;
  /** When `wakeTimer` fires, in ms of the host's clock. */
  private wakeAt = Infinity;
  private ending: Promise<void> | undefined;
  private isDraining = false;
  /** Of the run that has welcomed it. */
  private runId: string | undefined;
  /** It registers anew, and was not answered yet. */
  private isReturning = false;
  /** Its connection broke, and it has not been welcomed back. */
  private isAway = false;
  /** The run has ended, or cannot be reached: nobody wants its results any more. */
  private isDeserted = false;
  /** While it waits for its last results to have arrived: it need not any longer. */
  private whenDelivered: (() => void) | undefined;
  private resolveClosed: (end: PoolEnd) => void = () => undefined;
  private readonly onProcessExit = () => this.endNow();

  constructor(options: WorkerPoolOptions) {
    this.options = options;
    this.blockId = options.blockId ?? 'manual';
    this.blockEnd = blockEnd(options, process.env, { host: hostNow(), epoch: Date.now() });
    this.workers = workersOfNode(options, this.resources);
    const accelerators = options.availableAccelerators ?? [];
    const commands = workerCommands({
      poolId: this.id,
      blockId: this.blockId,
      workers: this.workers,
      cpuAffinity: options.cpuAffinity ?? 'none',
      accelerators,
      memPerWorkerGb: options.memPerWorkerGb,
    });
    const identity = { id: this.id, host: hostname(), blockId: this.blockId };
    const logDir = options.logDir && join(options.logDir, `block-${this.blockId}`, this.id);
    this.log = new PoolLog(logDir, { manager: this.id, block: this.blockId });
    this.scratchDir = mkdtempSync(join(options.scratchDir ?? tmpdir(), 'parsl-pool-'));
    this.guardian = new Guardian(this.scratchDir);
    this.functions = new FunctionStore(this.scratchDir);
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
    this.manager = new Manager({
      ...identity,
      logFile: this.log.file,
      workers: this.workers,
      prefetchCapacity: options.prefetchCapacity,
      endAt: this.blockEnd.endAt,
    });
    this.crew = new WorkerCrew({
      commands,
      poolId: this.id,
      host: identity.host,
      scratchDir: this.scratchDir,
      functions: this.functions,
      guardian: this.guardian,
      log: this.log,
      emit: (event) => this.handle(event),
    });
    process.on('exit', this.onProcessExit);
    this.crew.startAll();
  }

  /** Connects and registers, while the workers start. */
  async register(): Promise<void> {
    const { options } = this;
    const where = {
      addresses: options.addresses,
      keys: options.keys,
      timeoutMs: options.addressProbeTimeoutMs ?? DEFAULTS.addressProbeTimeoutMs,
    };
    const connection = await findInterchange(where, this.id);
    const link = new InterchangeLink(connection.socket);
    this.link = link;
    const messages = this.listen(connection, link);
    link.send(registerMessage(this.registration()));
    await messages.registered(where.timeoutMs);
    this.planEnd();
  }

  private planEnd(): void {
    const { drainAt, endAt } = this.blockEnd;
    const now = hostNow();
    const drainMs = Math.min(this.options.drainPeriodMs ?? Infinity, drainAt - now);
    this.drainTimer = new LongTimer(drainMs, () => this.drain());
    this.endTimer = new LongTimer(endAt - now, () => {
      void this.end({ exitCode: PoolExit.done, reason: 'the walltime of its block is over' });
    });
  }

  async close(reason = 'it was told to end'): Promise<void> {
    await this.end({ exitCode: PoolExit.done, reason });
  }

  /** Ends the pool; a second call waits for the first. */
  end(end: PoolEnd): Promise<void> {
    this.ending ??= this.endOnce(end);
    return this.ending;
  }

  private listen(connection: Connection, link: InterchangeLink): InterchangeMessages {
    const { options } = this;
    const liveness = new Liveness({
      address: connection.address,
      events: connection.socket.events,
      periodMs: options.heartbeatPeriodMs ?? DEFAULTS.heartbeatPeriodMs,
      thresholdMs: options.heartbeatThresholdMs ?? DEFAULTS.heartbeatThresholdMs,
      beat: () => link.send([preamble(MessageType.heartbeat)]),
      disconnected: () => (this.isAway = true),
      reconnected: () => {
        this.isReturning = false;
        link.send([preamble(MessageType.reconnected)]);
      },
      lost: (reason) => {
        this.desert();
        void this.end({ exitCode: PoolExit.interchangeLost, reason });
      },
      log: this.log,
    });
    this.liveness = liveness;
    const messages = new InterchangeMessages({
      functions: this.functions,
      log: this.log,
      heard: () => liveness.heard(),
      emit: (event) => this.handle(event),
      delivered: (count) => {
        // Counted by what has come, which may not be all.
        if (this.isAway) return;
        this.undelivered.deliveredUpTo(count);
        if (this.undelivered.isEmpty) this.whenDelivered?.();
      },
      registerAnew: () => this.registerAnew(link),
      welcomed: (runId) => this.onWelcome(runId),
      ended: (end) => {
        this.desert();
        void this.end(end);
      },
    });
    link
      .receive((frames) => messages.take(frames))
      .catch((error: unknown) => {
        void this.end({ exitCode: PoolExit.failed, reason: `its socket failed: ${String(error)}` });
      });
    return messages;
  }

  private registration(): Registration {
    return {
      blockId: this.blockId,
      host: hostname(),
      pid: process.pid,
      workers: this.workers,
      capacity: this.manager.capacity,
      cores: this.resources.cores,
      memoryGb: this.resources.memoryGb,
      node: process.versions.node,
      version: packageVersion(),
      ...this.timeLeft(),
      ...(this.log.file === undefined ? {} : { logFile: this.log.file }),
    };
  }

  /**
   * The interchange does not know any more what this pool has: it is a new one, has given the pool up, or the connection
   * broke. Whatever it has sent before has come, or never will.
   */
  private registerAnew(link: InterchangeLink): void {
    if (this.isReturning) return;
    this.isReturning = true;
    const { undelivered } = this;
    const tasks = [...this.manager.holdings(), ...undelivered.tasks()];
    this.log.warn('registering anew', { tasks: tasks.length });
    const delivered = undelivered.deliveredCount;
    link.clear();
    link.send(registerMessage(this.registration(), { runId: this.runId ?? '', delivered, tasks }));
    link.report(undelivered.all());
    if (this.isDraining) link.send([preamble(MessageType.drain)]);
  }

  private timeLeft(): { readonly endsInMs?: number } {
    const { endAt } = this.blockEnd;
    return endAt === Infinity ? {} : { endsInMs: Math.max(0, endAt - hostNow() - TRAVEL_MS) };
  }

  private drain(): void {
    this.log.info('draining');
    this.link?.send([preamble(MessageType.drain)]);
    // Whatever was on its way when the interchange heard of it comes before the answer to this.
    this.isDraining = true;
    this.link?.send(registerMessage(this.registration()));
  }

  private onWelcome(runId: string): void {
    this.runId ??= runId;
    if (this.isReturning) this.isAway = false;
    this.isReturning = false;
    if (this.isDraining) this.handle({ type: 'drain' });
  }

  private handle(event: ManagerEvent): void {
    // Whoever is ending still hands back what comes.
    if (this.ending !== undefined && event.type !== 'tasks') return;
    for (const instruction of this.manager.handle(event, hostNow())) this.obey(instruction);
    this.armWake();
  }

  private obey(instruction: Instruction): void {
    switch (instruction.type) {
      case 'run':
        return this.crew.run(instruction.rank, instruction.records, instruction.leaseUntil);
      case 'report':
        return this.report(instruction.records, instruction.taskIds);
      case 'tell':
        return this.link?.report([instruction.record]);
      case 'announce':
        return this.crew.announce(instruction.rank, instruction.fn);
      case 'abort':
        return this.crew.abort(instruction.rank, instruction.abort);
      case 'kill':
        return this.crew.kill(instruction.rank);
      case 'start':
        return this.crew.restart(instruction.rank, instruction.afterMs);
      case 'return':
        return this.link?.send(joinRecords(preamble(MessageType.returned), instruction.records));
      case 'capacity':
        return this.link?.send([controlMessage(MessageType.capacity, { tasks: instruction.capacity })]);
      case 'drained':
        return void this.end({ exitCode: PoolExit.done, reason: DRAINED });
      case 'hopeless':
        return void this.end({
          exitCode: PoolExit.noWorkers,
          reason: `its workers die while they start (exit code ${String(instruction.end.exitCode)}, signal ${String(instruction.end.signal)}); see their output${this.log.dir === undefined ? '' : ` in ${this.log.dir}`}`,
        });
    }
  }

  private report(answers: readonly PackedRecord[], taskIds: readonly number[]): void {
    const records = answers.map((record) => detachPayload(record, RESULT_HEAD_BYTES));
    this.undelivered.add(records, taskIds);
    this.link?.report(records);
  }

  private armWake(): void {
    const at = this.manager.wakeAt;
    if (at >= this.wakeAt) return;
    clearTimeout(this.wakeTimer);
    this.wakeAt = at;
    this.wakeTimer = setTimeout(
      () => {
        const readAt = hostNow();
        const reportJournals = this.crew.readJournals();
        // Everything that workers have sent by now is read before an immediate runs.
        setImmediate(() => {
          this.wakeAt = Infinity;
          reportJournals();
          this.handle({ type: 'wake', readAt });
        });
      },
      Math.max(1, Math.ceil(at - hostNow())),
    );
  }

  private async endOnce(end: PoolEnd): Promise<void> {
    this.log.info('ending', { ...end });
    clearTimeout(this.wakeTimer);
    this.drainTimer?.stop();
    this.endTimer?.stop();
    const { link } = this;
    // Also for an interchange that it registers with until its last results have arrived.
    this.isDraining = true;
    link?.send([preamble(MessageType.drain)]);
    for (const instruction of this.manager.handle({ type: 'stop', why: end.reason }, hostNow()))
      this.obey(instruction);
    await this.crew.end();
    await this.lastResults(end);
    this.liveness?.stop();
    // Otherwise it is lost, as far as the interchange knows, with what it has not told.
    if (this.undelivered.isEmpty) link?.send([preamble(MessageType.goodbye)]);
    await link?.finish(end.exitCode === PoolExit.interchangeLost ? 0 : FAREWELL_MS);
    this.endNow();
    this.log.close();
    this.resolveClosed(end);
  }

  /** Also while it is ending for another reason, and before it waits. */
  private desert(): void {
    this.isDeserted = true;
    this.whenDelivered?.();
  }

  /** The line may just be cut, or the interchange just being started again. */
  private async lastResults({ reason }: PoolEnd): Promise<void> {
    if (this.undelivered.isEmpty || this.isDeserted) return;
    const thresholdMs = this.options.heartbeatThresholdMs ?? DEFAULTS.heartbeatThresholdMs;
    const patienceMs = reason === DRAINED ? thresholdMs : Math.min(LAST_RESULTS_MS, thresholdMs);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      this.whenDelivered = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** What has to be done in any case, and can be done while the process exits. */
  private endNow(): void {
    process.off('exit', this.onProcessExit);
    this.crew.killAll();
    rmSync(this.scratchDir, { recursive: true, force: true });
    this.guardian.guard([]);
    this.guardian.release();
  }
}
