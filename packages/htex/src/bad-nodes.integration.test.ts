import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DataFlowKernel, type KernelConfig } from '@parsl-ts/core';
import { LocalProvider } from '@parsl-ts/provider-local';
import { expect, test, vi } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import type { HighThroughputExecutorOptions } from './htex-options.js';
import { meet } from './testing/meet.js';
import { useRunDirectory } from './testing/run-directory.js';

const run = useRunDirectory();

/** Long enough for pools to come and go while other tests run. */
const PATIENCE = { timeout: 40_000 };

/** Three blocks of one worker each, unless said otherwise, of which one is bad: whatever is run there fails at once. */
async function start(options: HighThroughputExecutorOptions = {}, config: KernelConfig = {}) {
  const provider = new LocalProvider({ pollIntervalMs: 50, initBlocks: 3, maxBlocks: 3 });
  const htex = new HighThroughputExecutor({
    ...{ provider, coresPerWorker: 0.1, maxWorkersPerNode: 1, prefetchCapacity: 0, ...options },
  });
  // Enough for a bad worker that is quick while good ones wait for a busy machine.
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex], retries: 100, ...config });
  const workers = 3 * (options.maxWorkersPerNode ?? 1);
  const warm = kernel.app(meet);
  const meeting = join(kernel.runDir, 'meeting');
  await Promise.all(Array.from({ length: workers }, (_, id) => warm(meeting, id, workers)));
  const work = kernel.app(async (badBlock: string, ms: number) => {
    const block = process.env['PARSL_WORKER_BLOCK_ID'];
    if (block === badBlock) throw new Error('no space left on device');
    await new Promise((resolve) => setTimeout(resolve, ms));
    return block;
  });
  return { htex, kernel, work };
}

test('a pool on which everything fails is held and named, its block replaced, and no task fails for it', async () => {
  const { htex, kernel, work } = await start();
  try {
    const isThere = () => htex.connectedManagers().some(({ blockId, onHold }) => blockId === '1' && !onHold);
    do {
      const results = await Promise.all(Array.from({ length: 200 }, () => work('1', 10)));
      expect(new Set(results)).not.toContain('1');
    } while (isThere());
    await vi.waitFor(() => {
      const outcomes = kernel.blocks('htex').map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['running', 'scaled-in', 'running', 'running']);
      expect(htex.connectedBlocks().toSorted()).toEqual(['0', '2', '3']);
    }, PATIENCE);
    const log = readFileSync(join(kernel.runDir, 'parsl.log'), 'utf8');
    const warnings = log.split('\n').filter((line) => line.includes('gets no more tasks'));
    expect(warnings).toHaveLength(1);
    expect(JSON.parse(warnings[0]!)).toMatchObject({
      blockId: '1',
      failed: expect.any(Number) as number,
      failedElsewhere: 0,
      lastError: 'Error: no space left on device',
      msg: expect.stringMatching(/^worker pool \w+ of block 1 on .* badNodes: false/) as string,
    });
  } finally {
    await kernel.close();
  }
});

test('before the first task elsewhere has ended, too', async () => {
  const { htex, kernel, work } = await start({ maxWorkersPerNode: 8 });
  try {
    const endless = Array.from({ length: 16 }, () => work('1', 60_000));
    const tasks = [...endless, ...Array.from({ length: 30 }, () => work('1', 1))];
    await vi.waitFor(() => {
      const bad = htex.connectedManagers().find(({ blockId }) => blockId === '1');
      // It can be held when a task fails on it, which is also to happen after those elsewhere have run for a while.
      tasks.push(work('1', 1));
      expect(bad?.onHoldBecause ?? 'gone').toMatch(/tasks failed, and 0 of \d+ elsewhere|gone/);
    }, PATIENCE);
    for (const task of tasks) task.cancel('enough is known');
  } finally {
    await kernel.close();
  }
});

test('a function that fails everywhere has no pool held, and neither does anything with badNodes: false', async () => {
  for (const [badNodes, badBlock] of [
    [{}, 'none'],
    [false, '1'],
  ] as const) {
    const { htex, kernel, work } = await start({ badNodes }, { retries: 0 });
    try {
      const fail = kernel.app(() => {
        throw new Error('a mistake of mine');
      });
      const tasks = Array.from({ length: 300 }, () => (badBlock === 'none' ? fail() : work(badBlock, 1)));
      await Promise.allSettled(tasks);
      expect(htex.connectedManagers().filter(({ onHold }) => onHold)).toEqual([]);
      expect(kernel.blocks('htex')).toHaveLength(3);
    } finally {
      await kernel.close();
    }
  }
});
