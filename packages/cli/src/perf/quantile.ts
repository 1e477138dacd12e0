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
