import { type ProcessEnd } from '@parsl-ts/wire';

import { type MemoryKills } from './memory-kills.js';

/** What V8 writes when it gives up for lack of memory. */
const HEAP_FULL = /heap out of memory|Reached heap limit/;

/** Finds out why workers ended, for the errors that their tasks fail with. */
export class ExitHints {
  private readonly kills: Pick<MemoryKills, 'claim'>;

  constructor(kills: Pick<MemoryKills, 'claim'>) {
    this.kills = kills;
  }

  /**
   * @param output the end of what the worker wrote; `undefined`: not known
   * @returns what can be told of its end, and words for the message
   */
  explain(end: ProcessEnd, output: string | undefined): { readonly end: ProcessEnd; readonly text: string } {
    if (end.signal === 'SIGKILL') {
      return this.kills.claim()
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
