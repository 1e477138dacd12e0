import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../report.js';
import type { Summary } from '../statistics.js';

/** What ratios were when everything was well. */
export interface Baseline extends Machine {
  /** When it was measured, ISO 8601. */
  readonly date: string;
  /** By the names of the ratios. */
  readonly ratios: Readonly<Record<string, Summary>>;
}

const file = fileURLToPath(new URL('../../baseline.json', import.meta.url));

/** Reads the baseline that is kept in the repository. It is ours, and of its form. */
export async function readBaseline(): Promise<Baseline> {
  return JSON.parse(await readFile(file, 'utf8')) as Baseline;
}

/** Replaces it. Three digits are more than can be reproduced. */
export async function writeBaseline(baseline: Baseline): Promise<void> {
  const short = (_key: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(3)) : value;
  await writeFile(file, `${JSON.stringify(baseline, short, 2)}\n`);
}
