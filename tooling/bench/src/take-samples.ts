import { execFile } from 'node:child_process';
import type { Measure } from './measure.js';
import { readSampleLines, type SampleLine } from './sample-lines.js';

/** Longer than any sampling process takes, in ms; a subject that hangs must not stop the whole benchmark. */
const TIME_LIMIT_MS = 180_000;

/** What came of a sampling process. */
export interface Taken {
  readonly lines: readonly SampleLine[];
  /** Why it did not get to its end. */
  readonly error?: string;
}

/** Runs a process that takes samples: a fresh one, so that no subject profits or suffers from what ran before. */
export async function takeSamples(
  [file = '', ...args]: readonly string[],
  measures: readonly Measure[],
): Promise<Taken> {
  const { output, error } = await outputOf(file, args);
  try {
    const lines = readSampleLines(output, measures);
    return error === undefined ? { lines } : { lines, error };
  } catch (problem) {
    return { lines: [], error: String(problem) };
  }
}

function outputOf(file: string, args: readonly string[]): Promise<{ output: string; error?: string }> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: TIME_LIMIT_MS }, (error, stdout, stderr) => {
      if (error === null) return resolve({ output: stdout });
      const how = error.killed === true ? `it took more than ${TIME_LIMIT_MS / 1000} s` : error.message;
      resolve({ output: stdout, error: `${how}\n${stderr}`.trim() });
    });
  });
}
