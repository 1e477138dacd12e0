import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { DataFlowKernel, type KernelConfig, type TaskContext } from '@parsl-ts/core';
import { LocalProvider, type LocalProviderOptions } from '@parsl-ts/provider-local';
import { expect, test, vi } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import type { HighThroughputExecutorOptions } from './htex-options.js';
import { HandStartedPool } from './testing/hand-started-pool.js';
import { useRunDirectory } from './testing/run-directory.js';

const run = useRunDirectory();

/** Long enough for pools to come and go while other tests run. */
const PATIENCE = { timeout: 15_000 };

/** A kernel whose blocks have one worker each and end by themselves. */
async function start(
  blocks: LocalProviderOptions,
  options: HighThroughputExecutorOptions = {},
  config: KernelConfig = {},
) {
  const provider = new LocalProvider({ pollIntervalMs: 50, initBlocks: 1, maxBlocks: 1, ...blocks });
  const htex = new HighThroughputExecutor({
    provider,
    coresPerWorker: 0.1,
    maxWorkersPerNode: 1,
    ...options,
  });
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex], ...config });
  await vi.waitFor(() => {
    expect(htex.connectedManagers()).toHaveLength(1);
  }, PATIENCE);
  const log = () => readFileSync(join(kernel.runDir, 'parsl.log'), 'utf8').split('\n');
  return { htex, kernel, log };
}

/** Tells its block and its try after a while. */
const rest = async (ms: number, ctx: TaskContext) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return { block: process.env['PARSL_WORKER_BLOCK_ID'], attempt: ctx.attempt };
};

test('a block drains before its walltime ends, and the next one comes meanwhile, without a try that fails', async () => {
  const blocks = { walltime: '00:00:20', maxBlocks: 2, parallelism: 0 };
  const { htex, kernel } = await start(blocks, { drainBeforeEndMs: 15_000, maxWorkersPerNode: 2 });
  try {
    const work = kernel.app(rest);
    const tasks = [work(12_000), ...Array.from({ length: 40 }, () => work(200))];
    await vi.waitFor(() => {
      expect(htex.connectedManagers()).toMatchObject([
        { blockId: '0', draining: true },
        { blockId: '1', draining: false },
      ]);
    }, PATIENCE);
    const results = await Promise.all(tasks);
    expect(results[0]).toEqual({ block: '0', attempt: 0 });
    expect(new Set(results.map(({ attempt }) => attempt))).toEqual(new Set([0]));
    expect(new Set(results.map(({ block }) => block))).toContain('1');
    await vi.waitFor(() => {
      expect(kernel.blocks('htex')[0]).toMatchObject({ blockId: '0', outcome: 'completed' });
    }, PATIENCE);
  } finally {
    await kernel.close();
  }
});

test('what still runs at the end of its block fails with that reason, and is tried again on the next one', async () => {
  const { kernel } = await start({ walltime: '00:00:03' }, {}, { retries: 1 });
  try {
    const stay = kernel.app(async (marker: string, ctx: TaskContext) => {
      const { existsSync: exists } = await import('node:fs');
      while (!exists(marker)) await new Promise((resolve) => setTimeout(resolve, 20));
      return ctx.attempt;
    });
    const marker = join(run.path, 'go');
    const task = stay(marker);
    await vi.waitFor(() => {
      expect(kernel.blocks('htex')).toHaveLength(2);
    }, PATIENCE);
    writeFileSync(marker, '');
    await expect(task).resolves.toBe(1);
    const lost = kernel
      .app(async () => new Promise(() => setInterval(() => undefined, 1000)))
      .with({ retries: 0 })();
    await expect(lost).rejects.toMatchObject({
      code: 'PARSL_MANAGER_LOST',
      message: expect.stringContaining('the walltime of its block is over') as string,
    });
  } finally {
    await kernel.close();
  }
});

test('a task that may run for longer than its block is there waits for a new block, which is asked for at once', async () => {
  const { htex, kernel, log } = await start({ walltime: '00:00:40' }, { drainBeforeEndMs: 1000 });
  try {
    const work = kernel.app(rest);
    await vi.waitFor(() => expect(log().join()).toContain('a worker pool joined'), PATIENCE);
    // Some of the first block's time is over.
    await work(5000);
    await expect(work.with({ timeoutMs: 33_000 })(10)).resolves.toEqual({ block: '1', attempt: 0 });
    expect(log().filter((line) => line.includes('has time for their timeoutMs'))).toHaveLength(1);
    expect(kernel.blocks('htex').map(({ outcome }) => outcome)).toEqual(['scaled-in', 'running']);
    expect(htex.connectedBlocks()).toEqual(['1']);
  } finally {
    await kernel.close();
  }
});

test('a task for which no block has time fails and names both numbers, unless a pool that does not end is there', async () => {
  const { htex, kernel } = await start({ walltime: '00:00:20' });
  try {
    const work = kernel.app(rest).with({ timeoutMs: 3_600_000 });
    await expect(work(1)).rejects.toMatchObject({
      ...{ code: 'PARSL_WALLTIME_TOO_SHORT', name: 'WalltimeTooShortError' },
      ...{ timeoutMs: 3_600_000, availableMs: 19_000 },
    });
    await using _pool = new HandStartedPool(htex.workerPoolCommand());
    await vi.waitFor(() => {
      expect(htex.connectedManagers()).toHaveLength(2);
    }, PATIENCE);
    await expect(work(1)).resolves.toMatchObject({ block: 'manual' });
  } finally {
    await kernel.close();
  }
});
