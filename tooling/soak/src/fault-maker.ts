import type { HighThroughputExecutor } from '@parsl-ts/htex';
import { signal, workersOf } from '@parsl-ts-internal/stress/processes';

import { FAULTS, type FaultName } from './fault-names.js';
import type { NotedProvider } from './noted-provider.js';
import type { SoakPlan } from './plan.js';
import { interchanges } from './process-watch.js';

/** What faults are made of. */
export interface FaultParts {
  readonly htex: HighThroughputExecutor;
  readonly provider: NotedProvider;
  /** Submits a task that ends its worker. */
  readonly submitDeadly: (kind: 'exits' | 'oom') => void;
  readonly random: () => number;
}

/** The third death of an interchange within a minute fails its executor. */
const INTERCHANGE_EVERY_MS = 40_000;
/** How much longer than the heartbeat threshold a long pause is, in ms. */
const BEYOND_MS = 2000;

/** Makes something fail now and then. */
export class FaultMaker {
  /** How often each fault was made. */
  readonly made: Partial<Record<FaultName, number>> = {};
  private readonly plan: SoakPlan;
  private readonly parts: FaultParts;
  private readonly paused = new Set<number>();
  private readonly names: readonly FaultName[];
  private timer: NodeJS.Timeout | undefined;
  private interchangeDiedAt = -Infinity;

  constructor(plan: SoakPlan, parts: FaultParts) {
    this.plan = plan;
    this.parts = parts;
    this.names = plan.faults.flatMap((name) => Array<FaultName>(FAULTS[name]).fill(name));
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
    for (const pid of this.paused) signal(pid, 'SIGCONT');
  }

  /** How many were made. */
  get count(): number {
    return Object.values(this.made).reduce((sum, count) => sum + count, 0);
  }

  private async make(name: FaultName): Promise<void> {
    if (await this.attempt(name)) this.made[name] = (this.made[name] ?? 0) + 1;
  }

  /** Tells whether there was anything that could fail. */
  private async attempt(name: FaultName): Promise<boolean> {
    const { provider, submitDeadly, random } = this.parts;
    const { heartbeatThresholdMs } = this.plan;
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
      case 'manager-pause':
        return this.pause(this.manager(), 0.5 * heartbeatThresholdMs * random());
      case 'manager-pause-long':
        return this.pause(this.manager(), heartbeatThresholdMs + BEYOND_MS);
      case 'block-cancel':
        return provider.cancelOne(random);
      case 'interchange-kill':
        return this.killInterchange();
      case 'submit-stall':
        stall(1.3 * heartbeatThresholdMs);
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

  private pause(pid: number | undefined, ms: number): boolean {
    if (pid === undefined || !signal(pid, 'SIGSTOP')) return false;
    this.paused.add(pid);
    setTimeout(() => {
      this.paused.delete(pid);
      signal(pid, 'SIGCONT');
    }, ms).unref();
    return true;
  }

  private killInterchange(): boolean {
    const now = performance.now();
    if (now - this.interchangeDiedAt < INTERCHANGE_EVERY_MS) return false;
    if (!signalled(interchanges()[0], 'SIGKILL')) return false;
    this.interchangeDiedAt = now;
    return true;
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
