import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { DataFlowKernel, type KernelConfig, type TaskContext } from '@parsl-ts/core';
import type { LocalProviderOptions } from '@parsl-ts/provider-local';
import { expect, test, vi } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import { RequeuingProvider } from './testing/requeuing-provider.js';
import { useRunDirectory } from './testing/run-directory.js';

const run = useRunDirectory();

/** Long enough for pools to come and go while other tests run. */
const PATIENCE = { timeout: 40_000 };

/** A kernel whose only executor has blocks of this kind, with one worker on each node. */
async function start(blocks: LocalProviderOptions, config: KernelConfig = {}) {
  const provider = new RequeuingProvider({ pollIntervalMs: 50, initBlocks: 0, ...blocks });
  const htex = new HighThroughputExecutor({ provider, coresPerWorker: 0.1, maxWorkersPerNode: 1 });
  const kernel = await DataFlowKernel.start({
    ...{ runDir: run.path, executors: [htex], strategyPeriodMs: 100 },
    ...config,
  });
  return { provider, htex, kernel };
}

/** A function that notes its worker beside a file, and tells its block, and the try, once that file is there. */
const untilFile = async (file: string, ctx: TaskContext) => {
  const { existsSync: exists, writeFileSync: write } = await import('node:fs');
  write(`${file}.${process.pid}`, '');
  while (!exists(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  return { block: process.env['PARSL_WORKER_BLOCK_ID'], attempt: ctx.attempt };
};

test('blocks of several nodes come as tasks need them, and single ones go while others work on', async () => {
  const config = { strategy: 'htex-auto-scale', maxIdleTimeMs: 300 } as const;
  const { htex, kernel } = await start({ nodesPerBlock: 2, maxBlocks: 3 }, config);
  try {
    const wait = kernel.app(untilFile);
    const [short, long] = [join(run.path, 'short'), join(run.path, 'long')];
    const tasks = [...Array.from({ length: 5 }, () => wait(short)), wait(long)];
    await vi.waitFor(() => {
      expect(htex.connectedManagers()).toHaveLength(6);
    }, PATIENCE);
    // Each task has a worker of its own then, and is in nobody's stock.
    await vi.waitFor(() => {
      expect(readdirSync(run.path).filter((name) => /^(?:short|long)\.\d+$/.test(name))).toHaveLength(6);
    }, PATIENCE);
    expect(kernel.blocks('htex')).toHaveLength(3);
    writeFileSync(short, '');
    await Promise.all(tasks.slice(0, 5));
    await vi.waitFor(() => {
      const outcomes = kernel.blocks('htex').map(({ outcome }) => outcome);
      expect(outcomes.filter((outcome) => outcome === 'scaled-in')).toHaveLength(2);
      expect(htex.connectedManagers()).toHaveLength(2);
    }, PATIENCE);
    writeFileSync(long, '');
    const left = kernel.blocks('htex').find(({ outcome }) => outcome === 'running');
    await expect(tasks[5]).resolves.toEqual({ block: left?.blockId, attempt: 0 });
  } finally {
    await kernel.close();
  }
});

test('a block that is preempted and requeued registers again, and its pools count', async () => {
  const { provider, htex, kernel } = await start({ nodesPerBlock: 2, maxBlocks: 1 }, { retries: 3 });
  try {
    const wait = kernel.app(untilFile);
    const file = join(run.path, 'go');
    const task = wait(file);
    await vi.waitFor(() => {
      expect(htex.connectedManagers()).toHaveLength(2);
    }, PATIENCE);
    const { jobId = '' } = kernel.blocks('htex')[0] ?? {};
    await provider.preempt(jobId);
    await vi.waitFor(() => {
      expect(kernel.blocks('htex')).toMatchObject([{ jobId, outcome: 'pending', registered: true }]);
      expect(htex.connectedManagers()).toEqual([]);
    }, PATIENCE);
    await provider.resume(jobId);
    await vi.waitFor(() => {
      expect(htex.connectedManagers()).toHaveLength(2);
    }, PATIENCE);
    expect(htex.capacity).toBe(2);
    writeFileSync(file, '');
    await expect(task).resolves.toMatchObject({ block: '0' });
    expect(kernel.blocks('htex')).toMatchObject([{ jobId, outcome: 'running' }]);
  } finally {
    await kernel.close();
  }
});

test('a block that ends by its walltime is replaced while work remains', async () => {
  const { provider, htex, kernel } = await start({ maxBlocks: 1 }, { retries: 3 });
  try {
    const wait = kernel.app(untilFile);
    const file = join(run.path, 'go');
    const task = wait(file);
    await vi.waitFor(() => {
      expect(htex.connectedManagers()).toHaveLength(1);
    }, PATIENCE);
    await provider.timeOut(kernel.blocks('htex')[0]?.jobId ?? '');
    await vi.waitFor(() => {
      expect(htex.connectedBlocks()).toEqual(['1']);
    }, PATIENCE);
    writeFileSync(file, '');
    await expect(task).resolves.toMatchObject({ block: '1' });
    expect(kernel.blocks('htex').map(({ outcome }) => outcome)).toEqual(['timeout', 'running']);
  } finally {
    await kernel.close();
  }
});
