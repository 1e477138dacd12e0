import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  controlMessage,
  detachPayload,
  MessageType,
  recordMessages,
  RESULT_HEAD_BYTES,
  type PackedRecord,
  type Registration,
} from '@parsl-ts/wire';

import { hostNow } from '../host-clock.js';
import { Manager } from '../manager/manager.js';
import { type Instruction, type ManagerEvent } from '../manager/protocol.js';
import { nodeResources } from '../resources/node-resources.js';
import { blockEnd, type BlockEnd } from './block-end.js';
import { FunctionStore } from './function-store.js';
import { Guardian } from './guardian.js';
import { LongTimer } from './long-timer.js';
import { Membership } from './membership.js';
import { type WorkerPoolOptions } from './options.js';
import { packageVersion } from './package-files.js';
import { PoolExit } from '../pool-error.js';
import { type PoolEnd } from './pool-end.js';
import { PoolLog } from './pool-log.js';
import { WorkerCrew } from './worker-crew.js';
import { workerCommands } from './worker-launch.js';
import { workersOfNode } from './workers-of-node.js';

/** How long last messages may take, in ms. */
const FAREWELL_MS = 500;

const DRAINED = 'it has drained';

/** The interchange hears that so much less time is left, in ms: what it sends is on its way for a while. */
const TRAVEL_MS = 1000;

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
  private readonly membership: Membership;
  private drainTimer: LongTimer | undefined;
  private endTimer: LongTimer | undefined;
  private wakeTimer: NodeJS.Timeout | undefined;
  /** When `wakeTimer` fires, in ms of the host's clock. */
  private wakeAt = Infinity;
  private ending: Promise<void> | undefined;
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
    this.membership = new Membership({
      ...{ id: this.id, options, functions: this.functions, log: this.log },
      introduce: () => this.registration(),
      holdings: () => this.manager.holdings(),
      emit: (event) => this.handle(event),
      ended: (end) => void this.end(end),
    });
    process.on('exit', this.onProcessExit);
    this.crew.startAll();
  }

  /** Connects and registers, while the workers start. */
  async register(): Promise<void> {
    await this.membership.begin();
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

  private timeLeft(): { readonly endsInMs?: number } {
    const { endAt } = this.blockEnd;
    return endAt === Infinity ? {} : { endsInMs: Math.max(0, endAt - hostNow() - TRAVEL_MS) };
  }

  private drain(): void {
    this.log.info('draining');
    this.membership.drain();
  }

  private handle(event: ManagerEvent): void {
    // Whoever is ending still hands back what comes.
    if (this.ending !== undefined && event.type !== 'tasks') return;
    for (const instruction of this.manager.handle(event, hostNow())) this.obey(instruction);
    if (event.type === 'function' && event.error !== undefined) this.endIfCleared();
    this.armWake();
  }

  /**
   * Some hosts clear directories for temporary files of what is old, or of what is a user's when another job of this user
   * ends. A pool without its functions would fail all tasks that it gets. Its directory is not made anew under a name that
   * others know. Tells whether it ends.
   */
  private endIfCleared(): boolean {
    if (existsSync(this.scratchDir)) return false;
    const reason = `its directory ${this.scratchDir} was removed; keep it out of reach of what clears such directories (--scratch-dir)`;
    void this.end({ exitCode: PoolExit.failed, reason });
    return true;
  }

  private obey(instruction: Instruction): void {
    switch (instruction.type) {
      case 'run':
        return this.crew.run(instruction.rank, instruction.records, instruction.leaseUntil);
      case 'report':
        return this.report(instruction.records, instruction.taskIds);
      case 'tell':
        return this.membership.tell(instruction.record);
      case 'announce':
        return this.crew.announce(instruction.rank, instruction.fn);
      case 'abort':
        return this.crew.abort(instruction.rank, instruction.abort);
      case 'kill':
        return this.crew.kill(instruction.rank);
      case 'start':
        if (!this.endIfCleared()) this.crew.restart(instruction.rank, instruction.afterMs);
        return;
      case 'return':
        for (const message of recordMessages(MessageType.returned, instruction.records)) {
          this.membership.send(message);
        }
        return;
      case 'capacity':
        return this.membership.send([controlMessage(MessageType.capacity, { tasks: instruction.capacity })]);
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
    this.membership.report(records, taskIds);
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
    this.membership.refuseTasks();
    for (const instruction of this.manager.handle({ type: 'stop', why: end.reason }, hostNow()))
      this.obey(instruction);
    await this.crew.end();
    await this.membership.lastResults(end.reason === DRAINED);
    await this.membership.end(end.exitCode === PoolExit.interchangeLost ? 0 : FAREWELL_MS);
    this.endNow();
    this.log.close();
    this.resolveClosed(end);
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
