/** A quantity at a time, in ms. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** How a quantity went over the second half of its time. */
export interface Trend {
  readonly median: number;
  /** How much it grew over this half: its robust slope times the time. */
  readonly growth: number;
}

/** Samples are put together into so many groups at most: slopes between all pairs take their square. */
const GROUPS = 100;
/** The lowest samples are those of so many parts of the time. */
const PARTS = 6;

/**
 * How a quantity went after warming up: the slope is the median of the slopes between all pairs of samples of the second
 * half (Theil and Sen), so that peaks do not count for much. If that between the lowest samples of each part is less, it is
 * that: what is held for good cannot be less at any time, while a garbage collector that has yet to give something back, for
 * which it may take minutes on a busy machine, is in the other samples.
 */
export function trendOf(samples: readonly Sample[]): Trend {
  const first = samples[0]?.at ?? 0;
  const last = samples.at(-1)?.at ?? 0;
  const half = samples.filter(({ at }) => at >= (first + last) / 2);
  const all = grouped(half, GROUPS, median);
  const lowest = grouped(half, PARTS, (values) => Math.min(...values));
  const slope = Math.min(slopeOf(all), slopeOf(lowest));
  return { median: median(all.map(({ value }) => value)), growth: (slope * (last - first)) / 2 };
}

function slopeOf(samples: readonly Sample[]): number {
  const slopes: number[] = [];
  for (const [index, a] of samples.entries()) {
    for (const b of samples.slice(index + 1))
      if (b.at > a.at) slopes.push((b.value - a.value) / (b.at - a.at));
  }
  return median(slopes);
}

/** So many groups of samples at most, each as one in the middle of its time. */
function grouped(
  samples: readonly Sample[],
  groups: number,
  valueOf: (values: readonly number[]) => number,
): readonly Sample[] {
  const size = Math.max(1, Math.ceil(samples.length / groups));
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, index) => {
    const group = samples.slice(index * size, (index + 1) * size);
    return { at: median(group.map(({ at }) => at)), value: valueOf(group.map(({ value }) => value)) };
  });
}

/** 0 of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
