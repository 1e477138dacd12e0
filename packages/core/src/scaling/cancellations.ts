import type { CancelOutcome } from '@parsl-ts/provider';
import type { Block, BlockJob } from './block.js';
import { noneDue, type Due } from './due.js';

/** How long after a request to cancel that failed the next one is made, in ms. */
const RETRY_MS = 5000;
/** How long after a request to cancel that was taken the job is asked to end again if it has not, in ms. */
const AGAIN_MS = 60_000;

/** The blocks to be cancelled now. They are taken to be asked for, until {@link askedToCancel} tells what came of it. */
export function dueCancellations(blocks: Iterable<Block>, now: number): Due<BlockJob> {
  const found = noneDue<BlockJob>();
  for (const block of blocks) {
    if (block.phase === 'cancelling' && block.jobId !== undefined) {
      if (block.cancelAt <= now) {
        block.cancelAt = Infinity;
        found.due.push({ blockId: block.id, jobId: block.jobId });
      }
      found.nextAt = Math.min(found.nextAt, block.cancelAt);
    }
  }
  return found;
}

/** The scheduler was asked to cancel a block that may still be there. */
export function askedToCancel(block: Block, outcome: CancelOutcome, now: number): void {
  block.cancelAt = now + (outcome === 'failed' ? RETRY_MS : AGAIN_MS);
}
