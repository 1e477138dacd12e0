import { closeSync } from 'node:fs';

import {
  openMemoryFile,
  type AbortTask,
  type PackedRecord,
  type ProcessEnd,
  type WorkerSetup,
} from '@parsl-ts/wire';

import { type FunctionRecord } from '../manager/function-record.js';
import { type ManagerEvent } from '../manager/protocol.js';
import { ExitHints } from './exit-hints.js';
import { MemoryKills } from './memory-kills.js';
import { layOutJournal } from '../result-journal.js';
import { type FunctionStore } from './function-store.js';
import { type Guardian } from './guardian.js';
import { type PoolLog } from './pool-log.js';
import { type WorkerCommand } from './worker-launch.js';
import { type WorkerOutput } from './worker-output.js';
import { WorkerProcess, type WorkerLaunch } from './worker-process.js';

/** What a shell says of a command that cannot be started. */
const NO_PROCESS = { exitCode: 127, signal: null };
/** How long workers have to end when they are told to, before they are killed, in ms. */
const END_GRACE_MS = 1000;

/** The worker processes of a pool. Reports what happens to them as events for the manager. */
export class WorkerCrew {
  private readonly commands: readonly WorkerCommand[];
  private readonly setup: Omit<WorkerSetup, 'worker'> & { readonly poolId: string };
  private readonly scratchDir: string;
  private readonly functions: FunctionStore;
  private readonly guardian: Guardian;
  private readonly log: PoolLog;
  private readonly emit: (event: ManagerEvent) => void;
  private readonly kills = new MemoryKills();
  private readonly hints = new ExitHints(this.kills);
  private readonly processes = new Map<number, WorkerProcess>();
  private readonly restarts = new Set<NodeJS.Timeout>();
  private ending = false;
  private onEmpty: (() => void) | undefined;

  constructor(parts: {
    readonly commands: readonly WorkerCommand[];
    readonly poolId: string;
    readonly host: string;
    readonly scratchDir: string;
    readonly functions: FunctionStore;
    readonly guardian: Guardian;
    readonly log: PoolLog;
    readonly emit: (event: ManagerEvent) => void;
  }) {
    this.commands = parts.commands;
    this.setup = { poolId: parts.poolId, host: parts.host };
    this.scratchDir = parts.scratchDir;
    this.functions = parts.functions;
    this.guardian = parts.guardian;
    this.log = parts.log;
    this.emit = parts.emit;
  }

  startAll(): void {
    this.kills.watch();
    for (const rank of this.commands.keys()) this.start(rank);
    this.guard();
  }

  restart(rank: number, afterMs: number): void {
    if (this.ending) return;
    const start = () => {
      this.start(rank);
      this.guard();
    };
    if (afterMs === 0) return start();
    const timer = setTimeout(() => {
      this.restarts.delete(timer);
      start();
    }, afterMs);
    this.restarts.add(timer);
  }

  run(rank: number, records: readonly PackedRecord[], leaseUntil: number): void {
    this.processes.get(rank)?.run(records, leaseUntil);
  }

  announce(rank: number, fn: FunctionRecord): void {
    this.processes.get(rank)?.announce(this.functions.get(fn.index));
  }

  abort(rank: number, abort: AbortTask): void {
    this.processes.get(rank)?.abort(abort);
  }

  kill(rank: number): void {
    this.processes.get(rank)?.kill('SIGKILL');
  }

  /** Reads the journals of all workers; the function that is returned reports what they held. */
  readJournals(): () => void {
    const journals = [...this.processes.values()].map((worker) => ({
      worker,
      records: worker.readJournal(),
    }));
    return () => {
      for (const { worker, records } of journals) worker.reportJournal(records);
    };
  }

  /** Ends all workers, by force after a second. Resolves when none is left. */
  async end(): Promise<void> {
    this.ending = true;
    this.kills.stop();
    for (const timer of this.restarts) clearTimeout(timer);
    if (this.processes.size === 0) return;
    const empty = new Promise<void>((resolve) => (this.onEmpty = resolve));
    for (const worker of this.processes.values()) worker.kill('SIGTERM');
    const timer = setTimeout(() => this.killAll(), END_GRACE_MS);
    await empty;
    clearTimeout(timer);
  }

  /** Kills all workers without waiting. */
  killAll(): void {
    this.ending = true;
    this.kills.stop();
    for (const worker of this.processes.values()) worker.kill('SIGKILL');
  }

  private start(rank: number): void {
    const command = this.commands[rank];
    if (command === undefined) return;
    let output: WorkerOutput | undefined;
    let journal: number | undefined;
    try {
      output = this.log.openOutput(rank);
      journal = openMemoryFile(this.scratchDir);
      layOutJournal(journal);
      const worker = this.launch(rank, { ...command, output: output?.fd, journal }, output);
      this.processes.set(rank, worker);
      this.log.info('worker started', { rank, pid: worker.pid });
    } catch (error) {
      if (journal !== undefined) closeSync(journal);
      output?.close();
      this.notStarted(rank, error);
    }
  }

  private launch(rank: number, launch: WorkerLaunch, output: WorkerOutput | undefined): WorkerProcess {
    const setup = { worker: `${this.setup.poolId}/${String(rank)}`, host: this.setup.host };
    const worker = new WorkerProcess(launch, setup, {
      ready: () => this.emit({ type: 'ready', rank }),
      results: (records) => this.emit({ type: 'results', rank, records }),
      dropped: (leaseUntil) => this.emit({ type: 'dropped', rank, leaseUntil }),
      leaving: () => this.emit({ type: 'leaving', rank }),
      broken: (error) => this.log.warn('worker broken', { rank, error: error.message }),
      exited: (end, begun) => {
        this.processes.delete(rank);
        closeSync(launch.journal);
        const written = output?.tail();
        output?.close();
        if (this.processes.size === 0) this.onEmpty?.();
        if (this.ending) return;
        this.log.info('worker ended', { rank, pid: worker.pid, ...end });
        this.emit({ type: 'exited', rank, begun, ...this.explain(rank, end, written) });
        this.guard();
      },
    });
    return worker;
  }

  /** What there is to know of its end, and where. */
  private explain(
    rank: number,
    ended: ProcessEnd,
    written: string | undefined,
  ): { readonly end: ProcessEnd; readonly hint: string } {
    const file = this.log.outputFile(rank);
    const output = file === undefined ? '' : `its output there is ${file}`;
    const { end, text } = this.hints.explain(ended, written);
    return { end, hint: [text, output].filter((each) => each !== '').join('; ') };
  }

  /**
   * There is no process, since descriptors, processes or a directory are missing. To the manager it is as one that ended
   * at once: it tries again after a while.
   */
  private notStarted(rank: number, error: unknown): void {
    const hint = error instanceof Error ? error.message : String(error);
    this.log.warn('worker not started', { rank, error: hint });
    // Whoever has asked for the worker is not ready for an answer yet.
    setImmediate(() => {
      if (!this.ending) this.emit({ type: 'exited', rank, begun: NaN, end: NO_PROCESS, hint });
    });
  }

  private guard(): void {
    const groups = [...this.processes.values()].map((worker) => worker.pid);
    this.guardian.guard(groups.filter((pid) => pid !== undefined));
  }
}
