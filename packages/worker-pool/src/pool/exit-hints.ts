import { readFileSync } from 'node:fs';

import { type ProcessEnd } from '@parsl-ts/wire';

/** Counters of the kernel's out-of-memory killer: of this container or job, then of the host. */
const COUNTERS = [
  { path: '/sys/fs/cgroup/memory.events', field: 'oom_kill' },
  { path: '/proc/vmstat', field: 'oom_kill' },
] as const;

/** How long after the kernel has killed for memory an end that is heard of may be due to that, in ms. */
const HEARD_WITHIN_MS = 5000;

/** Guesses why a worker ended, for the message that its task fails with. */
export class ExitHints {
  private readonly count: () => number;
  private readonly now: () => number;
  private counted: number;
  /** Kills that no worker's end has been put down to. */
  private open = 0;
  private openSince = -Infinity;

  /**
   * @param count tells how many processes the kernel has killed for memory so far
   * @param now in ms
   */
  constructor(count: () => number = oomKills, now: () => number = () => performance.now()) {
    this.count = count;
    this.now = now;
    this.counted = count();
  }

  hint(end: ProcessEnd): string {
    if (end.signal === 'SIGKILL' && this.wasForMemory()) {
      return 'the host ran out of memory; use fewer workers per node (memPerWorkerGb) or less memory in the function';
    }
    // V8 aborts when its heap is full; 134 is how a shell tells of that signal.
    if (end.signal === 'SIGABRT' || end.signal === 'SIGTRAP' || end.exitCode === 134) {
      return 'it aborted, as Node.js does when its JavaScript heap is full (memPerWorkerGb sets the limit); its output says more';
    }
    if (end.signal === 'SIGSEGV' || end.signal === 'SIGBUS' || end.signal === 'SIGILL') {
      return 'native code crashed';
    }
    if (end.signal === null) return 'the function ended the process (process.exit?)';
    return '';
  }

  /** Several workers may have been killed before the first end is heard of. */
  private wasForMemory(): boolean {
    const count = this.count();
    const now = this.now();
    if (count > this.counted) {
      this.open = count - this.counted;
      this.openSince = now;
      this.counted = count;
    }
    if (this.open === 0 || now - this.openSince > HEARD_WITHIN_MS) return false;
    this.open--;
    return true;
  }
}

/** How often the kernel has killed for memory, in this container or job, or on this host. */
function oomKills(): number {
  for (const { path, field } of COUNTERS) {
    try {
      const match = new RegExp(`^${field} (\\d+)$`, 'm').exec(readFileSync(path, 'utf8'));
      if (match !== null) return Number(match[1]);
    } catch {
      // Not on this host; the next one may be.
    }
  }
  return 0;
}
