import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { HandStartedPool } from '@parsl-ts-internal/other-hosts';
import { DataFlowKernel, noopErrorHandler, type KernelConfig, type TaskContext } from '@parsl-ts/core';
import { LocalProvider, type LocalProviderOptions } from '@parsl-ts/provider-local';
import { expect, test, vi } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import type { HighThroughputExecutorOptions } from './htex-options.js';
import { useRunDirectory } from './testing/run-directory.js';

const run = useRunDirectory();

/** Long enough for pools to come and go while other tests run. */
const PATIENCE = { timeout: 40_000 };

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
  const blocks = { walltime: '00:01:00', maxBlocks: 2, parallelism: 0 };
  const { htex, kernel } = await start(blocks, { drainBeforeEndMs: 48_000, maxWorkersPerNode: 2 });
  try {
    const work = kernel.app(async (file: string, ctx: TaskContext) => {
      const { existsSync: exists } = await import('node:fs');
      while (!exists(file)) await new Promise((resolve) => setTimeout(resolve, 20));
      return { block: process.env['PARSL_WORKER_BLOCK_ID'], attempt: ctx.attempt };
    });
    const file = join(run.path, 'both blocks are there');
    const tasks = Array.from({ length: 40 }, () => work(file));
    await vi.waitFor(() => {
      expect(htex.connectedManagers()).toMatchObject([
        { blockId: '0', draining: true },
        { blockId: '1', draining: false },
      ]);
    }, PATIENCE);
    writeFileSync(file, '');
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
  // Pools learn of an end that is nearer than the true one, which would come right after it.
  const blocks = { walltime: '00:01:00', workerInit: 'export PARSL_BLOCK_END=$((PARSL_BLOCK_END - 54))' };
  // A block whose workers are not ready before it ends does no harm: there is a next one.
  const options = { maxWorkersPerNode: 2, blockErrorHandler: noopErrorHandler };
  const { kernel } = await start(blocks, options, { retries: 1 });
  try {
    const stay = kernel.app(async (ctx: TaskContext) => {
      if (ctx.attempt === 0) await new Promise(() => setInterval(() => undefined, 1000));
      return ctx.attempt;
    });
    const [again, lost] = [stay(), stay.with({ retries: 0 })()];
    await expect(lost).rejects.toMatchObject({
      code: 'PARSL_MANAGER_LOST',
      message: expect.stringContaining('the walltime of its block is over') as string,
    });
    await expect(again).resolves.toBe(1);
    expect(kernel.blocks('htex').length).toBeGreaterThan(1);
  } finally {
    await kernel.close();
  }
});

test('a task that may run for longer than its block is there waits for a new block, which is asked for at once', async () => {
  const first = join(run.path, 'the first block');
  const { htex, kernel, log } = await start(
    {
      walltime: '00:02:00',
      // As if most of the first block's time were over.
      workerInit: `mkdir '${first}' && export PARSL_BLOCK_END=$((PARSL_BLOCK_END - 80))`,
    },
    { drainBeforeEndMs: 1000 },
  );
  try {
    const work = kernel.app(rest);
    await expect(work(0)).resolves.toEqual({ block: '0', attempt: 0 });
    await vi.waitFor(() => expect(log().join()).toContain('a worker pool joined'), PATIENCE);
    await expect(work.with({ timeoutMs: 60_000 })(10)).resolves.toEqual({ block: '1', attempt: 0 });
    expect(log().filter((line) => line.includes('has time for their timeoutMs'))).toHaveLength(1);
    expect(kernel.blocks('htex').map(({ outcome }) => outcome)).toEqual(['scaled-in', 'running']);
    expect(htex.connectedBlocks()).toEqual(['1']);
  } finally {
    await kernel.close();
  }
});

test('a task for which no block has time fails and names both numbers, unless a pool that does not end is there', async () => {
  const { htex, kernel } = await start({ walltime: '00:02:00' });
  try {
    const work = kernel.app(rest).with({ timeoutMs: 3_600_000 });
    await expect(work(1)).rejects.toMatchObject({
      ...{ code: 'PARSL_WALLTIME_TOO_SHORT', name: 'WalltimeTooShortError' },
      ...{ timeoutMs: 3_600_000, availableMs: 114_000 },
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
