import { readFileSync } from 'node:fs';
import type { HighThroughputExecutor } from '@parsl-ts/htex';
import { signal, workersOf } from '@parsl-ts-internal/stress/processes';

import { FAULTS, type FaultName } from './fault-names.js';
import type { NotedProvider } from './noted-provider.js';
import type { Order, Orders } from './orders.js';
import { Pauses } from './pauses.js';
import type { SoakPlan } from './plan.js';
import { interchanges } from './process-watch.js';

/** What faults are made of. */
export interface FaultParts {
  readonly htex: HighThroughputExecutor;
  readonly provider: NotedProvider;
  readonly orders: Orders;
  /** Submits a task that ends its worker. */
  readonly submitDeadly: (kind: 'exits' | 'oom') => void;
  readonly random: () => number;
}

/** The third death of an interchange within a minute fails its executor. */
const INTERCHANGE_EVERY_MS = 40_000;
/** An interchange that is so young, in ms, may not know yet how to obey. */
const INTERCHANGE_SETTLES_MS = 5000;
/** How much longer than the heartbeat threshold a long pause is, in ms. */
const BEYOND_MS = 2000;

/** Makes something fail now and then. */
export class FaultMaker {
  /** How often each fault was made. */
  readonly made: Partial<Record<FaultName, number>> = {};
  private readonly plan: SoakPlan;
  private readonly parts: FaultParts;
  private readonly pauses = new Pauses();
  private readonly names: readonly FaultName[];
  private timer: NodeJS.Timeout | undefined;
  private interchangeDiedAt = -Infinity;

  constructor(plan: SoakPlan, parts: FaultParts) {
    this.plan = plan;
    this.parts = parts;
    this.names = plan.faults.flatMap((name) => Array<FaultName>(FAULTS[name].weight).fill(name));
  }

  start(): void {
    const { random } = this.parts;
    this.timer = setTimeout(
      () => {
        const name = this.names[Math.floor(random() * this.names.length)];
        if (name !== undefined) void this.make(name);
        this.start();
      },
      2 * this.plan.faultEveryMs * random(),
    );
  }

  /** Makes no more, and lets go on what it has stopped. */
  stop(): void {
    clearTimeout(this.timer);
    this.pauses.letGo();
  }

  /** How many were made. */
  get count(): number {
    return Object.values(this.made).reduce((sum, count) => sum + count, 0);
  }

  /** How many tries of tasks they may have cost at most. */
  get tries(): number {
    return Object.entries(this.made).reduce(
      (sum, [name, count]) => sum + FAULTS[name as FaultName].tries * count,
      0,
    );
  }

  private async make(name: FaultName): Promise<void> {
    if (await this.attempt(name)) this.made[name] = (this.made[name] ?? 0) + 1;
  }

  /** Tells whether there was anything that could fail. */
  private async attempt(name: FaultName): Promise<boolean> {
    const { provider, submitDeadly, random } = this.parts;
    const brieflyMs = 0.5 * this.plan.heartbeatThresholdMs * random();
    const longMs = this.plan.heartbeatThresholdMs + BEYOND_MS;
    switch (name) {
      case 'worker-kill':
        return signalled(this.worker(), 'SIGKILL');
      case 'worker-pause':
        return this.pause(this.worker(), 2000 * random());
      case 'worker-exit':
        submitDeadly('exits');
        return true;
      case 'worker-oom':
        submitDeadly('oom');
        return true;
      case 'manager-kill':
        return signalled(this.manager(), 'SIGKILL');
      case 'manager-term':
        return signalled(this.manager(), 'SIGTERM');
      case 'manager-exit':
        return this.order(this.manager(), 'exit');
      case 'manager-oom':
        return this.order(this.manager(), 'fill-heap');
      case 'manager-pause':
        return this.pause(this.manager(), brieflyMs);
      case 'manager-pause-long':
        return this.pause(this.manager(), longMs);
      case 'manager-block':
        return this.order(this.manager(), `block ${longMs}`);
      case 'block-cancel':
        return provider.cancelOne(random);
      case 'block-kill':
        return signalled(this.block(), 'SIGKILL');
      case 'block-pause':
        return this.pause(this.block(), brieflyMs);
      case 'block-pause-long':
        return this.pause(this.block(), longMs);
      case 'interchange-kill':
        return this.endInterchange((pid) => signalled(pid, 'SIGKILL'));
      case 'interchange-term':
        return this.endInterchange((pid) => signalled(pid, 'SIGTERM'));
      case 'interchange-oom':
        return this.endInterchange((pid) => this.order(pid, 'fill-heap'));
      case 'interchange-pause':
        return this.pause(interchanges()[0], brieflyMs);
      case 'interchange-pause-long':
        return this.pause(interchanges()[0], longMs);
      case 'interchange-block':
        return this.interchangeObeys && this.order(interchanges()[0], `block ${longMs}`);
      case 'submit-stall':
        stall(longMs);
        return true;
      case 'submit-pause':
        this.pauses.stopSelf(longMs);
        return true;
    }
  }

  private manager(): number | undefined {
    return this.oneOf(this.parts.htex.connectedManagers().map(({ pid }) => pid));
  }

  private worker(): number | undefined {
    const manager = this.manager();
    return manager === undefined ? undefined : this.oneOf(workersOf(manager));
  }

  private oneOf(pids: readonly number[]): number | undefined {
    return pids[Math.floor(this.parts.random() * pids.length)];
  }

  /** The process group of a block, as a negative number. */
  private block(): number | undefined {
    const manager = this.manager();
    return manager === undefined ? undefined : groupOf(manager);
  }

  private pause(pid: number | undefined, ms: number): boolean {
    return pid !== undefined && this.pauses.stop(pid, ms);
  }

  private order(pid: number | undefined, order: Order): boolean {
    return pid !== undefined && this.parts.orders.give(pid, order);
  }

  private get interchangeObeys(): boolean {
    return performance.now() - this.interchangeDiedAt > INTERCHANGE_SETTLES_MS;
  }

  private endInterchange(end: (pid: number | undefined) => boolean): boolean {
    const now = performance.now();
    if (now - this.interchangeDiedAt < INTERCHANGE_EVERY_MS || !end(interchanges()[0])) return false;
    this.interchangeDiedAt = now;
    return true;
  }
}

/** The group that a process is of, as a negative number; `undefined`: it has gone. */
function groupOf(pid: number): number | undefined {
  try {
    // After the name of the program, which may have anything in it: state, parent, group.
    const [, , group] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return group === undefined ? undefined : -Number(group);
  } catch {
    return undefined;
  }
}

function signalled(pid: number | undefined, name: NodeJS.Signals): boolean {
  return pid !== undefined && signal(pid, name);
}

/** Keeps this process's event loop busy for so long, in ms. */
function stall(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
