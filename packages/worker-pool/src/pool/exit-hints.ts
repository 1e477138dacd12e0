import { readFileSync } from 'node:fs';

import { type ProcessEnd } from '@parsl-ts/wire';

/** Counters of the kernel's out-of-memory killer: of this container or job, then of the host. */
const COUNTERS = [
  { path: '/sys/fs/cgroup/memory.events', field: 'oom_kill' },
  { path: '/proc/vmstat', field: 'oom_kill' },
] as const;

/** Guesses why a worker ended, for the message that its task fails with. */
export class ExitHints {
  private oomKills = oomKills();

  hint(end: ProcessEnd): string {
    const before = this.oomKills;
    if (end.signal === 'SIGKILL') {
      this.oomKills = oomKills();
      if (this.oomKills > before) {
        return 'the host ran out of memory; use fewer workers per node (memPerWorkerGb) or less memory in the function';
      }
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
}

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
