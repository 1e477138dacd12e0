/** Several samples of one figure, in short. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @param samples at least one */
export function summarize(samples: readonly number[]): Summary {
  return { median: quantile(samples, 0.5), min: Math.min(...samples), max: Math.max(...samples) };
}

/** Half the distance from the lowest sample to the highest, as a share of the median; of a median of 0 nothing is a share. */
export function spreadOf({ median, min, max }: Summary): number {
  return max === min || median === 0 ? 0 : (max - min) / 2 / Math.abs(median);
}

/**
 * The value below which the share `q` of the samples lies; between two samples, in proportion.
 *
 * @param samples at least one, in any order
 * @param q from 0 to 1
 */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('There are no samples');
  return below + (position - Math.floor(position)) * (above - below);
}
