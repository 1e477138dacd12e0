import { app, type AppFuture } from '@parsl-ts/core';
import { cutOut, type RowRange } from './flights-file.js';
import { reduceFutures } from './reduce.js';
import { mergeSums, type FlightSums } from './sums.js';
import { sumRows } from './tasks.js';

// An app is called like the function it is made of, but at once gives a future of the result. Where it runs is decided
// by the executors that are loaded when it is called.
const sum = app(sumRows);
const merge = app(mergeSums);

/**
 * One task for each range, and tasks that combine their results four at a time. All of them are submitted here, without
 * waiting for any.
 *
 * @param onPart is called whenever a range is done
 */
export function sumInParallel(
  file: string,
  ranges: readonly RowRange[],
  onPart: () => void,
): AppFuture<FlightSums> {
  const parts = ranges.map((range) => sum(cutOut(file, range), range));
  for (const part of parts) void part.then(onPart, () => undefined); // What fails, fails the result as well.
  return reduceFutures(parts, (group) => merge(group));
}
