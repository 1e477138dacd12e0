import { ParslError } from '@parsl-ts/wire';
import type { BlockReport } from '../executor.js';

/**
 * A block error handler found that an executor's blocks keep failing. The executor is given up: its tasks fail with
 * this. Fix what the blocks' output shows, then run again.
 */
export class TooManyJobFailuresError extends ParslError {
  /** The blocks that failed, in order of submission. */
  readonly blocks: readonly BlockReport[];

  constructor(blocks: readonly BlockReport[]) {
    const first = blocks.find((block) => block.error !== undefined)?.error;
    super(
      'PARSL_TOO_MANY_JOB_FAILURES',
      `${String(blocks.length)} block${blocks.length === 1 ? '' : 's'} failed, and with them the executor:\n${blocks.map(describe).join('\n')}`,
      first === undefined ? {} : { cause: first },
    );
    this.blocks = blocks;
  }
}

function describe(block: BlockReport): string {
  return block.error?.message ?? `block ${block.blockId}: ${block.outcome}`;
}
