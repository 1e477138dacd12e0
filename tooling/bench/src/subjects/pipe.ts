import { PipeClient } from '../pipe/client.js';
import type { Subject } from '../subject.js';

/** The bare pipe with so many tasks ahead per worker. */
function pipe(prefetch: number): Subject {
  return {
    name: `pipe-${prefetch}`,
    title: `bare pipe, ${prefetch} ahead`,
    async open(workers) {
      const client = await PipeClient.start({ workers, prefetch, batch: prefetch });
      return {
        noop: (x) => new Promise<number>((resolve) => client.call(x, (value) => resolve(Number(value)))),
        runAll: (tasks) =>
          new Promise((resolve, reject) => {
            let left = tasks;
            for (let i = 0; i < tasks; i += 1) {
              client.call(i, (value) => {
                if (value !== i) reject(new Error(`Task ${i} gave ${String(value)}`));
                left -= 1;
                if (left === 0) resolve();
              });
            }
          }),
        close: () => client.close(),
      };
    },
  };
}

export const pipe16 = pipe(16);
export const pipe256 = pipe(256);
