import type { BlockErrorHandler, BlockReport } from '../executor.js';
import { TooManyJobFailuresError } from './too-many-job-failures-error.js';

/** Failed submissions that are taken for a passing fault of the scheduler, as long as nothing else has failed. */
const SUBMISSION_ATTEMPTS = 3;

/**
 * The default: fatal when every block so far has failed before any of its worker pools had registered, and there were as
 * many as were asked for at the start. Of blocks that the scheduler did not take at all, three are needed. Once a pool has
 * registered, blocks can work: those that are lost later are replaced.
 *
 * @throws TooManyJobFailuresError
 */
export const simpleErrorHandler: BlockErrorHandler = (blocks, limits) => {
  const onlySubmissions = blocks.every((block) => block.outcome === 'not-submitted');
  const threshold = Math.max(onlySubmissions ? SUBMISSION_ATTEMPTS : 1, limits.init);
  if (blocks.length >= threshold && blocks.every((block) => hasFailed(block) && !block.registered)) {
    throw new TooManyJobFailuresError(blocks);
  }
};

/**
 * Fatal when the last `threshold` blocks have all failed, whatever became of earlier ones.
 *
 * @param threshold at least 1; 3 unless told
 * @throws RangeError for another threshold
 */
export function windowedErrorHandler(threshold = 3): BlockErrorHandler {
  if (!Number.isInteger(threshold) || threshold < 1) {
    throw new RangeError(`windowedErrorHandler takes an integer of at least 1, not ${String(threshold)}`);
  }
  return (blocks) => {
    const last = [...blocks].sort((a, b) => Number(a.blockId) - Number(b.blockId)).slice(-threshold);
    if (last.length === threshold && last.every(hasFailed)) {
      throw new TooManyJobFailuresError(last);
    }
  };
}

/** Never fatal: blocks are replaced, less and less often, for as long as tasks need them. */
export const noopErrorHandler: BlockErrorHandler = () => undefined;

function hasFailed({ outcome }: BlockReport): boolean {
  return outcome === 'failed' || outcome === 'missing' || outcome === 'not-submitted';
}
