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

/** The second half is cut into so many parts. */
const PARTS = 6;

/**
 * How a quantity went after warming up: the slope is the median of the slopes between all pairs of the lowest samples in each
 * part of the second half (Theil and Sen). What is held for good cannot be less at any time; a garbage collector that has
 * yet to give something back, which may take minutes on a busy machine, is in the other samples.
 */
export function trendOf(samples: readonly Sample[]): Trend {
  const first = samples[0]?.at ?? 0;
  const last = samples.at(-1)?.at ?? 0;
  const half = samples.filter(({ at }) => at >= (first + last) / 2);
  const low = lowest(half);
  const slopes: number[] = [];
  for (const [index, a] of low.entries()) {
    for (const b of low.slice(index + 1)) if (b.at > a.at) slopes.push((b.value - a.value) / (b.at - a.at));
  }
  return { median: median(half.map(({ value }) => value)), growth: (median(slopes) * (last - first)) / 2 };
}

/** The lowest sample of each part, as one in the middle of that part. */
function lowest(samples: readonly Sample[]): readonly Sample[] {
  const size = Math.max(1, Math.ceil(samples.length / PARTS));
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, index) => {
    const part = samples.slice(index * size, (index + 1) * size);
    return { at: median(part.map(({ at }) => at)), value: Math.min(...part.map(({ value }) => value)) };
  });
}

/** 0 of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
