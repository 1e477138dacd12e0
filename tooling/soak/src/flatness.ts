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

/**
 * How a quantity went after warming up: the slope is the median of the slopes between all pairs of samples of the second
 * half (Theil and Sen). Up to three in ten samples may be anything, such as peaks, without much of an effect.
 */
export function trendOf(samples: readonly Sample[]): Trend {
  const first = samples[0]?.at ?? 0;
  const last = samples.at(-1)?.at ?? 0;
  const half = grouped(samples.filter(({ at }) => at >= (first + last) / 2));
  const slopes: number[] = [];
  for (const [index, a] of half.entries()) {
    for (const b of half.slice(index + 1)) if (b.at > a.at) slopes.push((b.value - a.value) / (b.at - a.at));
  }
  return { median: median(half.map(({ value }) => value)), growth: (median(slopes) * (last - first)) / 2 };
}

function grouped(samples: readonly Sample[]): readonly Sample[] {
  const size = Math.ceil(samples.length / GROUPS);
  if (size <= 1) return samples;
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, index) => {
    const group = samples.slice(index * size, (index + 1) * size);
    return { at: median(group.map(({ at }) => at)), value: median(group.map(({ value }) => value)) };
  });
}

/** 0 of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
