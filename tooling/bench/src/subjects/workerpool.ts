import { fileURLToPath } from 'node:url';
import { pool } from 'workerpool';
import type { NodeSubject } from '../subject.js';

/** workerpool's worker threads, which is what it takes by itself, with its functions in a script for the workers. */
export const workerpool: NodeSubject = {
  name: 'workerpool',
  title: 'workerpool',
  measures: ['throughput', 'latency', 'first-result', 'payload'],
  tasks: 50_000,
  processes: {},
  open: (workers) => {
    const script = fileURLToPath(new URL('./workerpool-worker.mjs', import.meta.url));
    const threads = pool(script, { minWorkers: workers, maxWorkers: workers });
    const call = <T>(name: string, args: unknown[]): PromiseLike<T> => threads.exec(name, args);
    return Promise.resolve({
      noop: (x) => call<number>('noop', [x]),
      take: (bytes) => call<number>('take', [bytes]),
      give: (size, fill) => call<Uint8Array>('give', [size, fill]),
      close: async () => {
        await threads.terminate();
      },
    });
  },
};
