/** A block needs so much of its time to start its pools and to end them, but at most so many ms. */
const OVERHEAD = 0.05;
const MAX_OVERHEAD_MS = 60_000;

/**
 * The longest time for which a task may be expected to find a block that has it, in ms.
 *
 * @param walltimeMs of the blocks; `undefined`: they do not end by themselves
 */
export function longestTaskMs(walltimeMs: number | undefined): number | undefined {
  return walltimeMs && walltimeMs - Math.min(MAX_OVERHEAD_MS, OVERHEAD * walltimeMs);
}
