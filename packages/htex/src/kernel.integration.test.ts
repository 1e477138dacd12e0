import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HandStartedPool } from '@parsl-ts-internal/other-hosts';
import { DataFlowKernel, type TaskContext } from '@parsl-ts/core';
import { LocalProvider } from '@parsl-ts/provider-local';
import { expect, test } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import type { HighThroughputExecutorOptions } from './htex-options.js';
import { NO_TIME_TO_HEED_MS, unlessTheMachineStops } from './testing/machine-stops.js';
import { useRunDirectory } from './testing/run-directory.js';
import { poolsWhere } from './testing/started-executor.js';

const run = useRunDirectory();

function local(label: string, options: HighThroughputExecutorOptions = {}): HighThroughputExecutor {
  const provider = new LocalProvider({ maxBlocks: 1 });
  return new HighThroughputExecutor({
    label,
    provider,
    coresPerWorker: 0.1,
    maxWorkersPerNode: 2,
    ...options,
  });
}

test('futures are arguments, and two executors share a kernel', async () => {
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [local('left'), local('right')] });
  try {
    const add = kernel.app((a: number, b: number) => a + b);
    const parent = kernel.app(() => process.ppid);
    const three = add.with({ executors: ['left'] })(1, 2);
    await expect(add.with({ executors: ['right'] })(three, 10)).resolves.toBe(13);
    const parents = ['left', 'right'].map((label) => parent.with({ executors: [label] })());
    const [left, right] = await Promise.all(parents);
    expect(left).not.toBe(right);
    const sums = Array.from({ length: 2000 }, (_, n) => add(n, 1));
    await expect(Promise.all(sums)).resolves.toEqual(Array.from({ length: 2000 }, (_, n) => n + 1));
  } finally {
    await kernel.close();
  }
});

test('a remote error names the line of the source', async () => {
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [local('htex')] });
  try {
    const fail = kernel.app((what: string) => {
      throw new TypeError(`cannot ${what}`);
    });
    const future = fail('go on');
    await expect(future).rejects.toMatchObject({
      ...{ name: 'TypeError', message: 'cannot go on' },
      stack: expect.stringMatching(/kernel\.integration\.test\.ts:\d+:\d+/) as string,
    });
  } finally {
    await kernel.close();
  }
});

const whatIsCancelledIsToldWhy = async () => {
  const htex = local('htex');
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex] });
  try {
    const wait = kernel.app(async (file: string, ctx?: TaskContext) => {
      const { appendFileSync } = await import('node:fs');
      await new Promise<void>((resolve) => ctx?.signal.addEventListener('abort', () => resolve()));
      appendFileSync(file, String(ctx?.signal.reason));
    });
    const reasons = ['too late', new Error('too dear')];
    const files = reasons.map((_, index) => join(kernel.runDir, `reason-${index}`));
    const tasks = files.map((file) => wait(file));
    await poolsWhere(() => tasks.every(({ state }) => state === 'running'));
    for (const [index, task] of tasks.entries()) task.cancel(reasons[index]);
    const ends = await Promise.allSettled(tasks);
    expect(ends).toMatchObject(reasons.map((cause) => ({ reason: { code: 'PARSL_TASK_CANCELLED', cause } })));
    const told = files.map((file) => readFileSync(file, 'utf8'));
    expect(told).toEqual(['AbortError: too late', 'AbortError: too dear']);
  } finally {
    await kernel.close();
  }
};

test('what is cancelled is told why, each its own reason', () =>
  unlessTheMachineStops(NO_TIME_TO_HEED_MS, whatIsCancelledIsToldWhy));

test('a task whose pool is killed is tried again elsewhere', async () => {
  const htex = new HighThroughputExecutor({
    address: '127.0.0.1',
    coresPerWorker: 0.1,
    maxWorkersPerNode: 1,
  });
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex], retries: 1 });
  const pools = ['first', 'second'].map(
    (blockId) => new HandStartedPool(htex.workerPoolCommand({ blockId })),
  );
  try {
    await poolsWhere(() => htex.connectedManagers().length === 2);
    const slow = kernel.app(async (file: string) => {
      const { existsSync: exists } = await import('node:fs');
      while (!exists(file)) await new Promise((resolve) => setTimeout(resolve, 20));
      return process.ppid;
    });
    const file = join(run.path, 'go');
    const tasks = [slow(file), slow(file)];
    await poolsWhere(() => htex.connectedManagers().every(({ tasks: held }) => held === 1));
    pools[0]!.child.kill('SIGKILL');
    await poolsWhere(() => htex.connectedManagers().length === 1);
    writeFileSync(file, '');
    const parents = await Promise.all(tasks);
    const survivor = htex.connectedManagers();
    expect(survivor).toMatchObject([{ blockId: 'second' }]);
    expect(new Set(parents)).toEqual(new Set([survivor[0]!.pid]));
  } finally {
    await kernel.close();
    for (const pool of pools) await pool[Symbol.asyncDispose]();
  }
});

test('the only block is replaced when its pool is killed, and its task is tried again there', async () => {
  const htex = local('htex');
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex], retries: 1 });
  try {
    const place = kernel.app(async (ctx: TaskContext) => {
      if (ctx.attempt === 0) await new Promise(() => setInterval(() => undefined, 1000));
      return process.env['PARSL_WORKER_BLOCK_ID'];
    });
    const block = place();
    await poolsWhere(() => htex.connectedManagers()[0]?.tasks === 1);
    process.kill(htex.connectedManagers()[0]!.pid, 'SIGKILL');
    await expect(block).resolves.toBe('1');
    expect(kernel.blocks('htex')).toMatchObject([{ outcome: 'failed', registered: true }, { blockId: '1' }]);
  } finally {
    await kernel.close();
  }
});

test('what an executor had that fails is tried again by another one', async () => {
  const [htex, other] = [local('htex'), local('other')];
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex, other], retries: 1 });
  try {
    const wait = kernel.app(async (file: string) => {
      const { existsSync: exists } = await import('node:fs');
      while (!exists(file)) await new Promise((resolve) => setTimeout(resolve, 20));
      return 'done';
    });
    const file = join(run.path, 'go');
    const tasks = Array.from({ length: 20 }, () => wait(file));
    const log = join(kernel.runDir, 'htex', 'interchange.log');
    for (let death = 1; death <= 3; death++) {
      await poolsWhere(() => listeners(log).length === death);
      process.kill(listeners(log).at(-1)!, 'SIGKILL');
    }
    await poolsWhere(() => htex.outstanding === 0);
    writeFileSync(file, '');
    expect(await Promise.all(tasks)).toEqual(tasks.map(() => 'done'));
  } finally {
    await kernel.close();
  }
});

/** The processes that have been an interchange, by its log. */
function listeners(log: string): number[] {
  const lines = readFileSync(log, 'utf8').matchAll(/"pid":(\d+),"message":"listening"/g);
  return Array.from(lines, ([, pid]) => Number(pid));
}
