import { Piscina } from 'piscina';
import type { NodeSubject } from '../subject.js';

/** Piscina's worker threads. */
function threads(
  name: string,
  title: string,
  measures: readonly string[],
  options: { concurrentTasksPerWorker?: number },
): NodeSubject {
  return {
    name,
    title,
    measures,
    tasks: 50_000,
    processes: {},
    open: (workers) => {
      const pool = new Piscina({
        filename: new URL('./piscina-worker.mjs', import.meta.url).href,
        minThreads: workers,
        maxThreads: workers,
        // Threads would load the TypeScript loader of this process as well, which is no part of Piscina's start.
        execArgv: [],
        ...options,
      });
      return Promise.resolve({
        noop: (x: number): Promise<number> => pool.run(x),
        take: (bytes: Uint8Array): Promise<number> => pool.run(bytes, { name: 'take' }),
        give: (size: number, fill: number): Promise<Uint8Array> => pool.run({ size, fill }, { name: 'give' }),
        close: () => pool.destroy(),
      });
    },
  };
}

export const piscina = threads(
  'piscina',
  'Piscina',
  ['throughput', 'latency', 'first-result', 'payload'],
  {},
);

/** Hands a thread more than it can run at once, so that it need not wait for the next task: Piscina at its fastest. */
export const piscinaAhead = threads(
  'piscina-ahead',
  'Piscina, 16 per thread',
  ['throughput', 'payload', 'million'],
  {
    concurrentTasksPerWorker: 16,
  },
);
