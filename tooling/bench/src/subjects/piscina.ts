import { Piscina } from 'piscina';
import type { Subject } from '../subject.js';

/** Piscina's worker threads, with its defaults but for the number of threads. */
export const piscina: Subject = {
  name: 'piscina',
  title: 'Piscina',
  open: (workers) => {
    const pool = new Piscina<number, number>({
      filename: new URL('./piscina-worker.mjs', import.meta.url).href,
      minThreads: workers,
      maxThreads: workers,
      // The threads would load the TypeScript loader of this process as well, which is no part of Piscina's start.
      execArgv: [],
    });
    return Promise.resolve({ noop: (x: number) => pool.run(x), close: () => pool.destroy() });
  },
};
