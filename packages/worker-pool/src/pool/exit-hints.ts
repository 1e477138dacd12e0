import { readFileSync } from 'node:fs';

import { type ProcessEnd } from '@parsl-ts/wire';

/** Counters of the kernel's out-of-memory killer: of this container or job, then of the host. */
const COUNTERS = [
  { path: '/sys/fs/cgroup/memory.events', field: 'oom_kill' },
  { path: '/proc/vmstat', field: 'oom_kill' },
] as const;

/** What V8 writes when it gives up for lack of memory. */
const HEAP_FULL = /heap out of memory|Reached heap limit/;
/** How long after the kernel has killed for memory an end that is heard of may be due to that, in ms. */
const HEARD_WITHIN_MS = 5000;

/** Finds out why workers ended, for the errors that their tasks fail with. */
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

  /**
   * @param output the end of what the worker wrote; `undefined`: not known
   * @returns what can be told of its end, and words for the message
   */
  explain(end: ProcessEnd, output: string | undefined): { readonly end: ProcessEnd; readonly text: string } {
    if (end.signal === 'SIGKILL') {
      return this.wasForMemory()
        ? { end: { ...end, outOfMemory: 'host' }, text: HOST_FULL }
        : { end, text: '' };
    }
    // V8 aborts when its heap is full; 134 is how a shell tells of that signal.
    if (end.signal === 'SIGABRT' || end.signal === 'SIGTRAP' || end.exitCode === 134)
      return aborted(end, output);
    if (end.signal === 'SIGSEGV' || end.signal === 'SIGBUS' || end.signal === 'SIGILL') {
      return { end, text: 'native code crashed' };
    }
    if (end.signal === null) return { end, text: 'the function ended the process (process.exit?)' };
    return { end, text: '' };
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

const HOST_FULL =
  'the host ran out of memory; use fewer workers per node (memPerWorkerGb) or less memory in the function';

function aborted(
  end: ProcessEnd,
  output: string | undefined,
): { readonly end: ProcessEnd; readonly text: string } {
  if (output === undefined) {
    const text =
      'it aborted, as Node.js does when its JavaScript heap is full (memPerWorkerGb sets the limit)';
    return { end: { ...end, outOfMemory: 'heap' }, text };
  }
  return HEAP_FULL.test(output)
    ? {
        end: { ...end, outOfMemory: 'heap' },
        text: 'its JavaScript heap was full (memPerWorkerGb sets the limit)',
      }
    : { end, text: 'it aborted; its output says why' };
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
