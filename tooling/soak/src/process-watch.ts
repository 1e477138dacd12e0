import type { HighThroughputExecutor } from '@parsl-ts/htex';
import { childrenOf, workersOf } from '@parsl-ts-internal/stress/processes';

import { startOf, WatchedProcess, type Role } from './watched-process.js';

/** Looks at the memory and the descriptors of all processes of a run, again and again. */
export class ProcessWatch implements Disposable {
  private readonly htex: HighThroughputExecutor;
  private readonly timer: NodeJS.Timeout;
  private readonly seen = new Map<string, WatchedProcess>();

  constructor(htex: HighThroughputExecutor, everyMs: number) {
    this.htex = htex;
    this.timer = setInterval(() => this.look(), everyMs);
  }

  /** All processes that there were. */
  get processes(): readonly WatchedProcess[] {
    return [...this.seen.values()];
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
  }

  private look(): void {
    this.one('submit', process.pid);
    for (const pid of interchanges()) this.one('interchange', pid);
    for (const { pid } of this.htex.connectedManagers()) {
      this.one('manager', pid);
      for (const worker of workersOf(pid)) this.one('worker', worker);
    }
  }

  private one(role: Role, pid: number): void {
    let start: string;
    try {
      start = startOf(pid);
    } catch {
      // It has gone meanwhile.
      return;
    }
    const key = `${pid} ${start}`;
    let watched = this.seen.get(key);
    if (watched === undefined) {
      watched = new WatchedProcess(role, pid, start);
      this.seen.set(key, watched);
    }
    watched.look(performance.now());
  }
}

/** The interchanges of this process: one, or none for a moment. */
export function interchanges(): number[] {
  return childrenOf(process.pid, 'parsl-interchange');
}
