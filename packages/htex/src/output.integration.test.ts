import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DataFlowKernel } from '@parsl-ts/core';
import { LocalProvider } from '@parsl-ts/provider-local';
import { expect, test } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import { useRunDirectory } from './testing/run-directory.js';

const run = useRunDirectory();

test('each task has files of its own, if asked to; its tries share them', async () => {
  const provider = new LocalProvider({ maxBlocks: 1 });
  const htex = new HighThroughputExecutor({ provider, coresPerWorker: 0.1, maxWorkersPerNode: 2 });
  await using kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex], retries: 1 });
  const say = (text: string, ctx?: { attempt: number }): void => {
    console.log(`${text} ${String(ctx?.attempt)}`);
    if (ctx?.attempt === 0) throw new Error('once more');
  };
  const speak = kernel.app(say, { stdout: 'auto', context: true });
  const futures = ['one', 'two'].map((text) => speak(text));
  await Promise.all(futures);
  const paths = futures.map(({ stdout = '' }) => stdout);
  expect(paths).toEqual([
    join(kernel.runDir, 'task_logs', '0000', 'task_0000_say.stdout'),
    join(kernel.runDir, 'task_logs', '0000', 'task_0001_say.stdout'),
  ]);
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  expect(texts).toEqual(['one 0\none 1\n', 'two 0\ntwo 1\n']);
});
