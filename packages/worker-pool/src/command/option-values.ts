import { InvalidArgumentError } from 'commander';

import { parseCoreList, type CpuAffinity } from '../resources/cpu-affinity.js';

/** A number above 0. */
export function positive(text: string): number {
  const value = numberOf(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It has to be a number above 0.');
}

/** A number from 0 on. */
export function notNegative(text: string): number {
  const value = numberOf(text);
  if (value >= 0 && value < Infinity) return value;
  throw new InvalidArgumentError('It has to be a number, 0 or more.');
}

/** A whole number from `least` on. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = numberOf(text);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It has to be a whole number from ${String(least)} on.`);
  };
}

/** The longest time that a timer of Node.js can wait: 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A time in ms. */
export function milliseconds(text: string): number {
  const value = numberOf(text);
  if (value > 0 && value <= LONGEST_TIMER_MS) return value;
  throw new InvalidArgumentError(
    `It has to be a time in ms, above 0 and at most ${String(LONGEST_TIMER_MS)}.`,
  );
}

/** `tcp://host:port`. */
export function address(text: string): string {
  const trimmed = text.trim();
  const match = /^tcp:\/\/(\[[0-9A-Fa-f:.]+(?:%\w+)?\]|[^\s:/[\]]+):(\d+)$/.exec(trimmed);
  const port = Number(match?.[2]);
  if (match !== null && port >= 1 && port <= 65_535) return trimmed;
  throw new InvalidArgumentError(
    `'${trimmed}' is no address; write tcp://host:port, such as tcp://login1:54321.`,
  );
}

const WAYS = ['none', 'block', 'block-reverse', 'alternating'] as const;

/** A way to bind workers to cores. */
export function affinity(text: string): CpuAffinity {
  for (const way of WAYS) if (text === way) return way;
  if (!text.startsWith('list:')) {
    const near = nearest(text);
    throw new InvalidArgumentError(
      `It has to be one of ${WAYS.join(', ')} or list:…${near === undefined ? '' : `; did you mean '${near}'?`}`,
    );
  }
  try {
    for (const list of text.slice('list:'.length).split(':')) parseCoreList(list);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
  return `list:${text.slice('list:'.length)}`;
}

function numberOf(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

/** The way that is spelled most like `text`, if any is at all. */
function nearest(text: string): string | undefined {
  const near = WAYS.map((way) => ({ way, distance: editDistance(text.toLowerCase(), way) }))
    .sort((a, b) => a.distance - b.distance)
    .at(0);
  return near !== undefined && near.distance <= 3 ? near.way : undefined;
}

/** Letters to be inserted, removed or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
