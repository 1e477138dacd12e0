import { Piscina } from 'piscina';
import type { Subject } from '../subject.js';

/** Piscina's worker threads. */
function threads(name: string, title: string, options: { concurrentTasksPerWorker?: number }): Subject {
  return {
    name,
    title,
    open: (workers) => {
      const pool = new Piscina<number, number>({
        filename: new URL('./piscina-worker.mjs', import.meta.url).href,
        minThreads: workers,
        maxThreads: workers,
        // Threads would load the TypeScript loader of this process as well, which is no part of Piscina's start.
        execArgv: [],
        ...options,
      });
      return Promise.resolve({ noop: (x: number) => pool.run(x), close: () => pool.destroy() });
    },
  };
}

export const piscina = threads('piscina', 'Piscina', {});

/** Hands a thread more than it can run at once, so that it need not wait for the next task: Piscina at its fastest. */
export const piscinaAhead = threads('piscina-ahead', 'Piscina, 16 per thread', {
  concurrentTasksPerWorker: 16,
});
