import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { DataFlowKernel, noopErrorHandler } from '@parsl-ts/core';
import { HighThroughputExecutor } from '@parsl-ts/htex';
import { seededRandom } from '@parsl-ts-internal/stress/random';

import { FaultMaker } from './fault-maker.js';
import { MOST_BLOCKS, WORKERS_EACH, type FaultName } from './fault-names.js';
import { growthOf, type Growth } from './growth.js';
import { Ledger, type Account } from './ledger.js';
import { leftovers } from './leftovers.js';
import { NotedProvider } from './noted-provider.js';
import { Orders } from './orders.js';
import type { SoakPlan } from './plan.js';
import { ProcessWatch } from './process-watch.js';
import { strayErrorsInLogs } from './scan-logs.js';
import { drawTask, LATE_MS, soakTask, type Kind, type SoakTask } from './soak-task.js';
import { StrayErrors } from './stray-errors.js';

/** What came of a run. */
export interface SoakReport {
  readonly seed: number;
  readonly seconds: number;
  readonly account: Account;
  readonly faults: Partial<Record<FaultName, number>>;
  /** Blocks that were submitted, and the most managers that were there at once. */
  readonly blocks: number;
  readonly mostManagers: number;
  readonly growth: readonly Growth[];
  /** All that must not be, in words; empty when all is well. */
  readonly wrong: readonly string[];
}

/** Tasks that are outstanding at most: the producer waits for room. */
const AHEAD = 2000;
/** Nobody else takes one of these after the run, so that whoever listens there is of the run. */
const PORTS = [21_000, 21_999] as const;
/** A task that was lost is tried again so often. */
const RETRIES = 5;
/** How often the producer adds tasks, in ms. */
const TURN_MS = 20;

/** Runs tasks of mixed size and duration on blocks that come and go, while processes fail, and accounts for all of it. */
export async function runSoak(plan: SoakPlan): Promise<SoakReport> {
  const directory = mkdtempSync(join(tmpdir(), 'soak-'));
  const temporary = join(directory, 'tmp');
  for (const name of ['tmp', 'notes', 'orders']) mkdirSync(join(directory, name));
  const orders = new Orders(join(directory, 'orders'));
  const usual = process.env['TMPDIR'];
  const { execPath } = process;
  // Every process of the run has the directory in its environment, and its temporary files there.
  process.env['TMPDIR'] = temporary;
  process.execPath = orders.node;
  try {
    return await new SoakRun(plan, directory, temporary, orders).run();
  } finally {
    process.execPath = execPath;
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
    rmSync(directory, { recursive: true, force: true });
  }
}

class SoakRun {
  private readonly plan: SoakPlan;
  private readonly directory: string;
  private readonly temporary: string;
  private readonly orders: Orders;
  private readonly random: () => number;
  private readonly ledger = new Ledger();
  private readonly provider = new NotedProvider({
    initBlocks: 1,
    minBlocks: 1,
    maxBlocks: MOST_BLOCKS,
    cancelGraceMs: 1000,
  });
  private readonly htex: HighThroughputExecutor;
  private readonly outstanding = new Map<number, SoakTask>();
  private next = 0;
  private mostManagers = 0;

  constructor(plan: SoakPlan, directory: string, temporary: string, orders: Orders) {
    this.plan = plan;
    this.orders = orders;
    this.directory = directory;
    this.temporary = temporary;
    this.random = seededRandom(plan.seed);
    this.htex = new HighThroughputExecutor({
      blockErrorHandler: noopErrorHandler,
      coresPerWorker: 0.1,
      maxWorkersPerNode: WORKERS_EACH,
      memPerWorkerGb: 0.25,
      heartbeatPeriodMs: plan.heartbeatPeriodMs,
      heartbeatThresholdMs: plan.heartbeatThresholdMs,
      provider: this.provider,
      workerPortRange: PORTS,
    });
  }

  async run(): Promise<SoakReport> {
    using strays = new StrayErrors();
    const kernel = await DataFlowKernel.start({
      executors: [this.htex],
      retries: RETRIES,
      runDir: this.directory,
      strategy: 'htex-auto-scale',
      strategyPeriodMs: 500,
      maxIdleTimeMs: Math.min(2000, Math.floor(this.plan.quietMs / 3)),
    });
    const begin = performance.now();
    using watch = new ProcessWatch(this.htex, this.plan.sampleEveryMs);
    const submit = this.submitterTo(kernel);
    const faults = new FaultMaker(this.plan, {
      htex: this.htex,
      provider: this.provider,
      orders: this.orders,
      submitDeadly: (kind) => submit({ ...drawTask(this.next, this.notes, this.random), kind }),
      random: seededRandom(this.plan.seed + 1),
    });
    const port = Number(/tcp:[^ ]+:(\d+)/.exec(this.htex.workerPoolCommand())?.[1]);
    try {
      faults.start();
      await this.produce(kernel, submit);
      faults.stop();
      await this.settled(kernel);
    } finally {
      faults.stop();
      await kernel.close();
    }
    const seconds = (performance.now() - begin) / 1000;
    return this.report(seconds, faults, watch, [
      ...strays.found,
      ...strayErrorsInLogs(this.directory),
      ...(await leftovers(this.temporary, port)),
    ]);
  }

  private get notes(): string {
    return `${join(this.directory, 'notes')}/`;
  }

  private submitterTo(kernel: DataFlowKernel): (task: SoakTask) => void {
    const run = kernel.app(soakTask);
    const runLate = run.with({ timeoutMs: LATE_MS, retries: 0 });
    const once = run.with({ retries: 0 });
    // Each try takes a worker with it, and some workers are to live for long.
    const twice = run.with({ retries: 1 });
    const runs: Readonly<Record<Kind, typeof run>> = {
      ...{ works: run, cancelled: run, throws: once, late: runLate, exits: twice, oom: twice },
    };
    return (task) => {
      this.next++;
      this.ledger.submit();
      this.outstanding.set(task.id, task);
      const future = runs[task.kind](task);
      void future.then(
        (value) => this.settle(task, { value }),
        (error: unknown) => this.settle(task, { error }),
      );
      if (task.kind === 'cancelled') void setTimeout(30 * this.random()).then(() => future.cancel('soak'));
    };
  }

  private settle(task: SoakTask, outcome: Parameters<Ledger['settle']>[1]): void {
    this.outstanding.delete(task.id);
    this.ledger.settle(task, outcome);
  }

  private async produce(kernel: DataFlowKernel, submit: (task: SoakTask) => void): Promise<void> {
    const { runMs, busyMs, quietMs, tasksPerSecond } = this.plan;
    const begin = performance.now();
    for (let now = begin; now < begin + runMs; now = performance.now()) {
      if ((now - begin) % (busyMs + quietMs) < busyMs) {
        await kernel.room({ tasks: AHEAD });
        const tasks = Math.round((2 * this.random() * tasksPerSecond * TURN_MS) / 1000);
        for (let count = 0; count < tasks; count++) submit(drawTask(this.next, this.notes, this.random));
      }
      this.mostManagers = Math.max(this.mostManagers, this.htex.connectedManagers().length);
      await setTimeout(TURN_MS);
    }
  }

  /** Waits for what is outstanding; says what does not come. */
  private async settled(kernel: DataFlowKernel): Promise<void> {
    const late = new AbortController();
    const timeout = setTimeout(this.plan.settleMs, 'late', { signal: late.signal }).catch(() => 'ended');
    const ended = kernel.waitForCurrentTasks().then(() => 'ended');
    if ((await Promise.race([timeout, ended])) === 'late') {
      const some = [...this.outstanding.values()].slice(0, 5).map(({ id, kind }) => `${id} (${kind})`);
      this.ledger.complain(
        `${this.outstanding.size} tasks have not settled ${this.plan.settleMs / 1000} s after the last one was submitted, ` +
          `such as ${some.join(', ')}`,
      );
    }
    late.abort();
  }

  private report(
    seconds: number,
    faults: FaultMaker,
    watch: ProcessWatch,
    others: readonly string[],
  ): SoakReport {
    const notes = join(this.directory, 'notes');
    for (const name of readdirSync(notes)) this.ledger.noteStarts(readFileSync(join(notes, name), 'utf8'));
    const account = this.ledger.close(1 + RETRIES, faults.count, faults.tries);
    const growth = growthOf(watch.processes, this.plan.judgedFromMs);
    const wrong = [...account.wrong, ...others, ...growth.flatMap((each) => each.wrong)];
    const { seed } = this.plan;
    const { mostManagers } = this;
    return {
      ...{ seed, seconds, account, faults: faults.made, mostManagers, growth, wrong },
      blocks: this.provider.submitted,
    };
  }
}
