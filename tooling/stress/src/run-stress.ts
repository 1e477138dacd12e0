import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFlowKernel, noopErrorHandler } from '@parsl-ts/core';
import { HighThroughputExecutor } from '@parsl-ts/htex';
import { LocalProvider } from '@parsl-ts/provider-local';
import { accountFor, countStarts, type Account, type Outcome } from './account.js';
import { startKilling, type Deaths } from './killer.js';
import { seededRandom } from './random.js';
import { drawWork, work } from './work.js';

/** What is done. */
export interface StressPlan {
  readonly tasks: number;
  /** How often a task that was lost is tried again. */
  readonly retries: number;
  /** Decides over the mix of tasks and over who dies when. */
  readonly seed: number;
  /** How long between two deaths, on average, in ms. */
  readonly killEveryMs: number;
}

/** What came of it. */
export interface StressReport {
  readonly account: Account;
  readonly deaths: Deaths;
  readonly seconds: number;
  /** Largest number of tasks that were outstanding. */
  readonly mostOutstanding: number;
}

/** Tasks that are outstanding at most: the producer waits for room. */
const AHEAD = 20_000;

/** Runs tasks of mixed size and duration on two blocks, the processes of which are killed at random. */
export async function runStress({ tasks, retries, seed, killEveryMs }: StressPlan): Promise<StressReport> {
  const directory = await mkdtemp(join(tmpdir(), 'stress-'));
  const notes = join(directory, 'notes');
  await mkdir(notes);
  const random = seededRandom(seed);
  const htex = new HighThroughputExecutor({
    blockErrorHandler: noopErrorHandler,
    coresPerWorker: 0.1,
    maxWorkersPerNode: 2,
    provider: new LocalProvider({ initBlocks: 2, minBlocks: 2, maxBlocks: 2 }),
  });
  const kernel = await DataFlowKernel.start({
    executors: [htex],
    maxWorkerKills: 1000,
    retries,
    runDir: directory,
  });
  try {
    const run = kernel.app(work);
    const works = Array.from({ length: tasks }, (_, id) => drawWork(id, `${notes}/`, random));
    const outcomes: Outcome[] = [];
    const begin = performance.now();
    let ended = 0;
    const stop = startKilling(htex, killEveryMs, seededRandom(seed + 1), () => ended);
    const end = (index: number, outcome: Outcome) => {
      outcomes[index] = outcome;
      ended++;
    };
    let mostOutstanding = 0;
    for (const [index, one] of works.entries()) {
      await kernel.room({ tasks: AHEAD });
      void run(one).then(
        (value) => end(index, { value }),
        (error: unknown) => end(index, { error }),
      );
      mostOutstanding = Math.max(mostOutstanding, kernel.outstanding);
    }
    await kernel.waitForCurrentTasks();
    const deaths = stop();
    const seconds = (performance.now() - begin) / 1000;
    const files = await readdir(notes);
    const starts = countStarts(await Promise.all(files.map((file) => readFile(join(notes, file), 'utf8'))));
    return { account: accountFor(works, outcomes, starts, retries), deaths, seconds, mostOutstanding };
  } finally {
    await kernel.close();
    await rm(directory, { recursive: true });
  }
}
