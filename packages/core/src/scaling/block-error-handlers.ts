import type { BlockErrorHandler, BlockReport } from '../executor.js';
import { TooManyJobFailuresError } from './too-many-job-failures-error.js';

/**
 * Refused submissions that are taken for a passing fault, as long as nothing else has failed. Until the scheduler takes a
 * block they come one after the other, however many blocks are wanted.
 */
const REFUSALS = 3;

/** The same where the scheduler did not answer at all. With the growing pauses between them that takes a minute or two. */
const SILENCES = 8;

/**
 * The default: fatal when every block so far has failed before any of its worker pools had registered, and there were as
 * many as were asked for at the start. Of blocks that the scheduler refused to take, three are needed, and eight if it did
 * not answer. Once a pool has registered, blocks can work: those that are lost later are replaced.
 *
 * @throws TooManyJobFailuresError
 */
export const simpleErrorHandler: BlockErrorHandler = (blocks, limits) => {
  const onlySubmissions = blocks.every((block) => block.outcome === 'not-submitted');
  const attempts = blocks.every(wasUnanswered) ? SILENCES : REFUSALS;
  const threshold = onlySubmissions ? attempts : limits.init;
  const hopeless = blocks.every((block) => hasFailed(block) && !block.registered);
  if (hopeless && blocks.length >= Math.max(1, threshold)) {
    throw new TooManyJobFailuresError(blocks);
  }
};

/**
 * Fatal when the last `threshold` blocks have all failed, whatever became of earlier ones. Submissions that a scheduler
 * did not answer do not count.
 *
 * @param threshold at least 1; 3 unless told
 * @throws RangeError for another threshold
 */
export function windowedErrorHandler(threshold = 3): BlockErrorHandler {
  if (!Number.isInteger(threshold) || threshold < 1) {
    throw new RangeError(`windowedErrorHandler takes an integer of at least 1, not ${String(threshold)}`);
  }
  return (blocks) => {
    const answered = blocks.filter((block) => !wasUnanswered(block));
    const last = answered.sort((a, b) => Number(a.blockId) - Number(b.blockId)).slice(-threshold);
    if (last.length === threshold && last.every(hasFailed)) {
      throw new TooManyJobFailuresError(last);
    }
  };
}

/** Never fatal: blocks are replaced, less and less often, for as long as tasks need them. */
export const noopErrorHandler: BlockErrorHandler = () => undefined;

/** Only what the error says is looked at: a provider may have its own. */
function wasUnanswered({ error }: BlockReport): boolean {
  return error !== undefined && 'unavailable' in error && error.unavailable === true;
}

function hasFailed({ outcome }: BlockReport): boolean {
  return outcome === 'failed' || outcome === 'missing' || outcome === 'not-submitted';
}
