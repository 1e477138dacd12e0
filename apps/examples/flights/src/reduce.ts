import type { AppFuture } from '@parsl-ts/core';

/**
 * Combines many results into one, a few at a time. Nothing here waits: each call of `combine` takes futures and gives a
 * future, so a combination starts as soon as its own parts are there, while others are still being computed.
 *
 * @param parts at least one
 * @param width how many parts one call combines, at least 2
 */
export function reduceFutures<T>(
  parts: readonly AppFuture<T>[],
  combine: (parts: AppFuture<T>[]) => AppFuture<T>,
  width = 4,
): AppFuture<T> {
  const [first, ...others] = parts;
  if (first === undefined) throw new RangeError('There is nothing to combine');
  if (others.length === 0) return first;
  const combined: AppFuture<T>[] = [];
  for (let i = 0; i < parts.length; i += width) {
    const group = parts.slice(i, i + width);
    combined.push(group.length === 1 && group[0] !== undefined ? group[0] : combine(group));
  }
  return reduceFutures(combined, combine, width);
}
