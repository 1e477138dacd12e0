import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measure } from './measure.js';
import type { Subject } from './subject.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('./sample.ts', import.meta.url));

/** Longer than any sample takes, in ms; a subject that hangs must not stop the whole benchmark. */
const TIME_LIMIT_MS = 120_000;

/** Takes one sample in a fresh process, so that no subject profits or suffers from what ran before. */
export async function takeSample(
  subject: Subject,
  measure: Measure,
  workers: number,
): Promise<Readonly<Record<string, number>>> {
  const args = ['--import', 'tsx', script, subject.name, measure.name, String(workers)];
  const { stdout } = await run(process.execPath, args, { timeout: TIME_LIMIT_MS });
  const sample: unknown = JSON.parse(stdout);
  return Object.fromEntries(measure.figures.map(({ name }) => [name, readFigure(sample, name)]));
}

function readFigure(sample: unknown, name: string): number {
  const value: unknown =
    typeof sample === 'object' && sample !== null ? Reflect.get(sample, name) : undefined;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new Error(`The sample has no figure '${name}'`);
  return value;
}
