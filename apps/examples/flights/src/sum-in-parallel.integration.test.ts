import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, type DataFlowKernel } from '@parsl-ts/core';
import { HighThroughputExecutor } from '@parsl-ts/htex';
import { LocalProvider } from '@parsl-ts/provider-local';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { flightsFile } from './flights-file.js';
import { sumInParallel } from './sum-in-parallel.js';
import { sumSequentially } from './sum-sequentially.js';

let dfk: DataFlowKernel;
let runDir: string;

beforeAll(async () => {
  runDir = await mkdtemp(join(tmpdir(), 'flights-'));
  const workers = new HighThroughputExecutor({
    label: 'workers',
    provider: new LocalProvider(),
    maxWorkersPerNode: 2,
  });
  dfk = await load({ executors: [workers], runDir });
});

afterAll(async () => {
  await dfk.close();
  await rm(runDir, { recursive: true });
});

it('worker processes and a plain loop give the same sums', async () => {
  const file = flightsFile();
  // Six ranges make two levels of combining; some cross the border between two row groups.
  const ranges = Array.from({ length: 6 }, (_, i) => ({ rowStart: i * 50_000, rowEnd: (i + 1) * 50_000 }));
  let done = 0;
  const sums = await sumInParallel(file, ranges, () => {
    done += 1;
  });
  expect(sums).toEqual(await sumSequentially(file, ranges));
  expect(done).toBe(6);
});
