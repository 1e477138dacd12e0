import { load } from '@parsl-ts/core';
import { HighThroughputExecutor } from '@parsl-ts/htex';
import { LocalProvider } from '@parsl-ts/provider-local';

import { runNoOps } from './no-ops.js';
import { withRunDirectory } from './run-directory.js';
import type { RealSample, SampleOrder } from './sample.js';

/** Workers of what the simulation is compared with. */
export const REAL_WORKERS = 2;
const WARM_UP = 10_000;

/** Measures the rate with one real worker pool on this machine. */
export async function sampleRealWorkers({ encrypted, tasks, repetitions }: SampleOrder): Promise<RealSample> {
  return withRunDirectory(async (runDir) => {
    const provider = new LocalProvider({ initBlocks: 1, minBlocks: 1, maxBlocks: 1 });
    const htex = new HighThroughputExecutor({ encrypted, maxWorkersPerNode: REAL_WORKERS, provider });
    await using _kernel = await load({ executors: [htex], runDir });
    await runNoOps(WARM_UP);
    const rates: number[] = [];
    for (let count = 0; count < repetitions; count++) rates.push(await runNoOps(tasks));
    return { rates };
  });
}
