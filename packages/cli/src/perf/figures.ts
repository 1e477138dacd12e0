/** A number with commas between thousands. */
export function formatNumber(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A time to three digits or so, in ms or s. */
export function formatTime(ms: number): string {
  if (ms < 1) return `${formatNumber(ms, 3)} ms`;
  if (ms < 10) return `${formatNumber(ms, 2)} ms`;
  return ms < 100 ? `${formatNumber(ms, 1)} ms` : `${formatNumber(ms / 1000, 2)} s`;
}

/** A rate: whole where that is precise enough. */
export function formatRate(perSecond: number): string {
  return formatNumber(perSecond, perSecond < 1 ? 3 : perSecond < 100 ? 1 : 0);
}

/** So many of something. */
export function formatCount(count: number, one: string): string {
  return `${formatNumber(count)} ${one}${count === 1 ? '' : 's'}`;
}
