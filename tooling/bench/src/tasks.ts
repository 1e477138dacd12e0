import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

// The functions that subjects run on their workers.

export const noop = (x: number): number => x;

export const next = (x: number): number => x + 1;

export const add = (a: number, b: number): number => a + b;

export const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

/** Has bytes for an argument: tells how many there are, and the last of them. */
export const take = (bytes: Uint8Array): number => bytes.length + (bytes.at(-1) ?? 0);

/** Has bytes for a result. */
export const give = (size: number, fill: number): Uint8Array => Buffer.alloc(size, fill);

/** Makes the file `begun`, then keeps its worker busy until there is the file `end`. */
export const waitForFile = async (end: string, begun: string): Promise<void> => {
  writeFileSync(begun, '');
  while (!existsSync(end)) await setTimeout(100);
};
