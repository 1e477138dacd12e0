import type { Ratio } from '../ratios.js';
import type { Summary } from '../statistics.js';

/** What has become of a ratio since the baseline. */
export interface Comparison {
  readonly ratio: Ratio;
  readonly now: Summary;
  /** `undefined`: the baseline does not have it. */
  readonly before: Summary | undefined;
  /** How much better it is, as a share of what it was: 0.1 for a tenth; negative when it is worse. */
  readonly gain: number;
  /** It is clearly worse: the median by more than noise, and the best sample is worse than the worst of the baseline. */
  readonly worse: boolean;
}

/** What medians of a few samples differ by on a noisy machine, as a share. */
const NOISE = 0.15;

/** @param before from the baseline */
export function compareRatio(ratio: Ratio, now: Summary, before: Summary | undefined): Comparison {
  if (before === undefined) return { ratio, now, before, gain: 0, worse: false };
  const isHigherBetter = ratio.better === 'higher';
  const gain = isHigherBetter ? now.median / before.median - 1 : before.median / now.median - 1;
  const isApart = isHigherBetter ? now.max < before.min : now.min > before.max;
  return { ratio, now, before, gain, worse: gain < -NOISE && isApart };
}
