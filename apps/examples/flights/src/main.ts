import { mkdir, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { load } from '@parsl-ts/core';
import { delayChart } from './delay-chart.js';
import { flightsFile, rowGroups } from './flights-file.js';
import { showProgress } from './progress.js';
import { sumInParallel } from './sum-in-parallel.js';
import { sumSequentially } from './sum-sequentially.js';
import type { FlightSums } from './sums.js';
import { formatTable } from './table.js';
import { whereToWork } from './where-to-work.js';

const { name, executor, runDir } = whereToWork(process.argv.slice(2));
const file = flightsFile();
const ranges = rowGroups(file);
const flights = ranges.at(-1)?.rowEnd ?? 0;
console.log(
  `${flights.toLocaleString('en-US')} flights in ${ranges.length} row groups, ` +
    `read and added up by ${name}\n`,
);

const parallel = await timed(async () => {
  // `await using` ends the workers when the function ends, whether it returns or throws.
  await using _dfk = await load({ executors: [executor], ...(runDir === undefined ? {} : { runDir }) });
  const progress = showProgress('row groups', ranges.length);
  try {
    return await sumInParallel(file, ranges, progress.tick);
  } finally {
    progress.stop();
  }
});

console.log(`\n${formatTable(parallel.value)}\n`);
console.log(`Chart: ${await saveChart(parallel.value)}\n`);

const sequential = await timed(() => sumSequentially(file, ranges));
console.log(`With worker processes, from load() to close():  ${parallel.seconds.toFixed(2)} s`);
console.log(`In a plain loop, without the library:           ${sequential.seconds.toFixed(2)} s`);
if (isDeepStrictEqual(parallel.value, sequential.value)) {
  console.log('Both gave exactly the same sums.');
} else {
  console.error('The sums differ! Those of the plain loop are:');
  console.error(formatTable(sequential.value));
  process.exitCode = 1;
}

/** Runs `work` and says how long it took. */
async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const begin = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - begin) / 1000 };
}

/** Writes the chart and returns its path, as short as it can be said. */
async function saveChart(sums: FlightSums): Promise<string> {
  const folder = new URL('../out/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const image = fileURLToPath(new URL('delays.svg', folder));
  await writeFile(image, delayChart(sums));
  return relative(process.env['INIT_CWD'] ?? process.cwd(), image);
}
