import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HandStartedPool } from '@parsl-ts-internal/other-hosts';
import { BlockFailedError, DataFlowKernel, ManagerLost, type EndedBlock } from '@parsl-ts/core';
import { LocalProvider } from '@parsl-ts/provider-local';
import { expect, test } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import { unlessTheMachineStops } from './testing/machine-stops.js';
import { useRunDirectory } from './testing/run-directory.js';
import { poolsWhere, startExecutor } from './testing/started-executor.js';
import { TestTask, testFunction } from './testing/test-tasks.js';

const run = useRunDirectory();
const WORKERS = { coresPerWorker: 0.1, maxWorkersPerNode: 2 };

/** Ends the worker pool that it runs in, the first time. */
const killPool = (attempt: number) => {
  if (attempt === 0) process.kill(process.ppid, 'SIGKILL');
  return attempt === 0 ? new Promise(() => undefined) : 'done';
};

const saysHowItsJobEnded = async () => {
  const provider = new LocalProvider({ maxBlocks: 1, pollIntervalMs: 3_600_000 });
  const htex = new HighThroughputExecutor({ ...WORKERS, provider });
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex], retries: 0 });
  try {
    const error: unknown = await kernel
      .app(killPool)(0)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ManagerLost);
    const jobId = kernel.blocks('htex')[0]?.jobId;
    expect(error).toMatchObject({
      blockId: '0',
      reason: 'its connection broke',
      logFile: expect.stringMatching(/manager\.log$/) as string,
      job: { jobId, state: 'failed', signal: 'SIGKILL' },
      cause: expect.any(BlockFailedError) as BlockFailedError,
    });
    expect(error).toHaveProperty(
      'message',
      expect.stringMatching(
        /: its connection broke; the job of its block, [\d.]+, ended as failed \(killed by SIGKILL\); its log there is \S+\/manager\.log$/,
      ),
    );
    await expect(kernel.app(killPool)(1)).resolves.toBe('done');
  } finally {
    await kernel.close();
  }
};

test('a task whose pool is killed says how the job of its block ended, by asking for it out of turn', () =>
  // Its error waits for two seconds for that.
  unlessTheMachineStops(1000, saysHowItsJobEnded));

/** The process that is this run's interchange, and those that have been, oldest first. */
function interchanges(): number[] {
  const lines = readFileSync(join(run.path, 'htex', 'interchange.log'), 'utf8')
    .split('\n')
    .slice(0, -1);
  return lines
    .map((line) => JSON.parse(line) as { readonly message: string; readonly pid: number })
    .filter(({ message }) => message === 'listening')
    .map(({ pid }) => pid);
}

test('tasks of which that is not known yet can be cancelled, and are nobody’s when the interchange dies', async () => {
  const asked: string[] = [];
  let answer: (end: EndedBlock) => void = () => undefined;
  const blockEnd = (blockId: string) => {
    asked.push(blockId);
    return new Promise<EndedBlock>((resolve) => (answer = resolve));
  };
  await using started = await startExecutor(run.path, WORKERS, { blockEnd });
  const { htex } = started;
  const forever = testFunction('() => new Promise(() => undefined)');
  const tasks = [new TestTask(forever), new TestTask(forever)];
  const [lost, cancelled] = tasks;
  {
    await using _pool = new HandStartedPool(htex.workerPoolCommand({ blockId: 'b' }));
    for (const task of tasks) htex.submit(task);
    await Promise.all(tasks.map(({ place }) => place));
    process.kill(htex.connectedManagers()[0]!.pid, 'SIGKILL');
    await poolsWhere(() => asked.length > 0);
  }
  expect(htex.outstanding).toBe(2);
  process.kill(interchanges()[0]!, 'SIGKILL');
  await poolsWhere(() => interchanges().length === 2);
  htex.cancel(cancelled!, new Error('not wanted'));
  await using _pool = new HandStartedPool(htex.workerPoolCommand({ blockId: 'c' }));
  // What waited for a pool would be started before this.
  await new Promise((resolve) => {
    const next = new TestTask(testFunction('() => 1'));
    htex.submit(next);
    resolve(next.outcome);
  });
  expect(htex.outstanding).toBe(2);
  answer({
    ...{ blockId: 'b', jobId: '7', outcome: 'timeout', registered: true, error: undefined },
    status: { state: 'timeout', message: 'TIMEOUT' },
  });
  await expect(lost!.outcome).rejects.toMatchObject({ blockId: 'b', job: { jobId: '7', state: 'timeout' } });
  await expect(cancelled!.outcome).rejects.toThrow('not wanted');
  expect(asked).toEqual(['b']);
});
