import { appendFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { FIGURES } from './figures.js';
import { readLimits } from './limits.js';
import { HELP, parseOptions, type ScaleOptions } from './options.js';
import { planSimulators } from './plan.js';
import { REAL_WORKERS } from './real-workers.js';
import { makeReport } from './report.js';
import type { RealSample, SizeSample } from './sample.js';
import { formatTable } from './table.js';
import { takeSample } from './take-sample.js';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(options: ScaleOptions): Promise<void> {
  if (process.platform !== 'linux') throw new Error('the simulation runs on Linux only: it reads /proc');
  const limits = readLimits();
  // All of it is known to fit, and to find its place, before the first size takes its time.
  for (const size of options.sizes) planSimulators(size, limits, options.processes);
  const json = fromCaller(options.json);
  if (json !== undefined) await appendFile(json, '');
  const reals: RealSample[] = [];
  const samples: SizeSample[] = [];
  for (const size of options.sizes) {
    // Beside every size, so that a slow minute of the machine hits both.
    showState(`${REAL_WORKERS} real workers`);
    reals.push(await takeSample({ ...options, size: undefined }));
    showState(`${size.managers} managers with ${size.workersEach} workers each`);
    samples.push(await takeSample({ ...options, profile: fromCaller(options.profile), size }));
  }
  showState('');
  const report = makeReport(options, reals, samples);
  const { real, tasks, node, cores, cpu } = report;
  console.log(
    `${options.encrypted ? 'Encrypted' : 'Not encrypted'}; medians of ${options.repetitions} repetitions with ` +
      `${tasks.toLocaleString('en-US')} tasks each. Node.js ${node}, ${cores} cores, ${cpu}.\n` +
      `With ${real.workers} real workers: ${Math.round(real.rate).toLocaleString('en-US')} tasks/s.\n`,
  );
  console.log(formatTable(report, FIGURES));
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
}

/** A path as seen from where the command was called: npm changes the directory. */
function fromCaller(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}

/** Says on a terminal what is being done, in one line that the next overwrites. */
function showState(state: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${state}`);
}
