import { readFileSync } from 'node:fs';
import { HandStartedPool } from '@parsl-ts-internal/other-hosts';
import { DataFlowKernel, RepeatedWorkerLossError, type TaskContext, WorkerLost } from '@parsl-ts/core';
import { LocalProvider } from '@parsl-ts/provider-local';
import { expect, test } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import { useRunDirectory } from './testing/run-directory.js';

const run = useRunDirectory();

const WORKERS = { coresPerWorker: 0.1, maxWorkersPerNode: 2, memPerWorkerGb: 0.04 };

/** Ends its worker in another way each time that it is tried. */
const die = async (ctx: TaskContext) => {
  if (ctx.attempt === 0) process.exit(3);
  if (ctx.attempt === 1) process.kill(process.pid, 'SIGKILL');
  const kept: number[][] = [];
  for (;;) {
    kept.push(Array.from({ length: 10_000 }, (_, index) => index));
    if (kept.length % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
};

/** How many processes of this host the kernel has killed for memory so far. */
function killsForMemory(): number {
  const counters = readFileSync('/proc/vmstat', 'utf8');
  return Number(/^oom_kill (\d+)$/m.exec(counters)?.[1] ?? 0);
}

/** Runs the function that kills among others, and gives its error. */
async function deathsOf(htex: HighThroughputExecutor, line?: () => string): Promise<unknown> {
  const kernel = await DataFlowKernel.start({ runDir: run.path, executors: [htex], retries: 10 });
  try {
    await using _pool = line && new HandStartedPool(line());
    const add = kernel.app((a: number, b: number) => a + b);
    const killer = kernel.app(die)();
    const others = Array.from({ length: 200 }, (_, index) => add(index, 1));
    const error: unknown = await killer.catch((reason: unknown) => reason);
    expect(await Promise.all(others)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    return error;
  } finally {
    await kernel.close();
  }
}

test.each([
  ['whose pools keep their output', new LocalProvider({ maxBlocks: 1 })],
  ['whose pools do not', undefined],
])(
  'a task that kills three workers fails for good, with all the deaths, in a run %s',
  async (_, provider) => {
    const options = { ...WORKERS, address: '127.0.0.1', ...(provider === undefined ? {} : { provider }) };
    const htex = new HighThroughputExecutor(options);
    const kills = killsForMemory();
    const error = await deathsOf(htex, provider === undefined ? () => htex.workerPoolCommand() : undefined);
    // If the kernel has killed for memory meanwhile, it may have been anybody, as far as the pool can tell.
    const outOfMemory: unknown = killsForMemory() > kills ? expect.toBeOneOf([null, 'host']) : null;
    expect(error).toBeInstanceOf(RepeatedWorkerLossError);
    expect(error).toMatchObject({
      code: 'PARSL_REPEATED_WORKER_LOSS',
      deaths: [
        { exitCode: 3, signal: null, outOfMemory: null },
        { exitCode: null, signal: 'SIGKILL', outOfMemory },
        { outOfMemory: 'heap' },
      ],
      message: expect.stringMatching(
        /3 of its tries.*\(1\) worker \w+\/\d on \S+ exited with code 3.*\(2\) worker .* was killed by SIGKILL.*\(3\) worker .*heap/,
      ) as string,
    });
    const { deaths, cause } = error as RepeatedWorkerLossError;
    expect(deaths.every((death) => death instanceof WorkerLost && death.host !== '')).toBe(true);
    expect(cause).toBe(deaths[2]);
  },
);
