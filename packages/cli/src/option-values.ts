import { InvalidArgumentError } from 'commander';

/** A number above 0. */
export function positive(text: string): number {
  const value = numberOf(text);
  if (value > 0 && value < Infinity) return value;
  throw new InvalidArgumentError('It has to be a number above 0.');
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = numberOf(text);
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const range =
      most === Number.MAX_SAFE_INTEGER
        ? `from ${String(least)} on`
        : `from ${String(least)} to ${String(most)}`;
    throw new InvalidArgumentError(`It has to be a whole number ${range}.`);
  };
}

/** For an option that may be given several times. */
export function repeated(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

function numberOf(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}
