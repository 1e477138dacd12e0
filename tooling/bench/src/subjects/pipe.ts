import { PipeClient, PipeFunction, type PipeOptions } from '../pipe/client.js';
import type { RolePatterns } from '../processes/role.js';
import type { NodeSubject, Session } from '../subject.js';

/**
 * The physical limit: the processes and hops of HTEX, and on each hop batches of MessagePack records, with nothing of
 * what makes it of use. A batch has as many records as a worker may have ahead.
 */
function pipe(
  name: string,
  title: string,
  measures: readonly string[],
  options: Pick<PipeOptions, 'prefetch' | 'turn'>,
): NodeSubject {
  return {
    name,
    title,
    measures,
    tasks: options.prefetch > 16 ? 500_000 : 100_000,
    processes: passedUntil(options.turn),
    open: async (workers) => pipeSession(await PipeClient.start({ workers, ...options })),
  };
}

const PROCESSES = {
  interchange: /\/pipe\/interchange\.mjs/,
  manager: /\/pipe\/pool\.mjs/,
  workers: /\/pipe\/worker\.mjs/,
};

/** The processes that a task passes through: those behind the place where it turns round only start meanwhile. */
function passedUntil(turn: PipeOptions['turn']): RolePatterns {
  const { interchange, manager } = PROCESSES;
  if (turn === 'interchange') return { interchange };
  return turn === 'manager' ? { interchange, manager } : PROCESSES;
}

function pipeSession(client: PipeClient): Session {
  const call = <T>(fn: PipeFunction, x: unknown) =>
    new Promise<T>((resolve) => client.call(fn, x, (value) => resolve(value as T)));
  return {
    noop: (x) => call(PipeFunction.noop, x),
    take: (bytes) => call(PipeFunction.take, bytes),
    give: (size, fill) => call(PipeFunction.give, [size, fill]),
    runAll: (tasks) =>
      new Promise((resolve, reject) => {
        let left = tasks;
        for (let i = 0; i < tasks; i += 1) {
          client.call(PipeFunction.noop, i, (value) => {
            if (value !== i) reject(new Error(`Task ${i} gave ${String(value)}`));
            left -= 1;
            if (left === 0) resolve();
          });
        }
      }),
    close: () => client.close(),
  };
}

export const pipe16 = pipe('pipe-16', 'bare pipe, 16 ahead', ['throughput'], {
  prefetch: 16,
  turn: 'workers',
});

export const pipe256 = pipe(
  'pipe-256',
  'bare pipe, 256 ahead',
  ['throughput', 'latency', 'first-result', 'payload', 'million'],
  { prefetch: 256, turn: 'workers' },
);

/** How much of a task's time is spent on the way to the interchange, and to the manager. */
export const pipeToInterchange = pipe('pipe-to-interchange', '  to the interchange, back', ['latency'], {
  prefetch: 256,
  turn: 'interchange',
});

export const pipeToManager = pipe('pipe-to-manager', '  to the manager, back', ['latency'], {
  prefetch: 256,
  turn: 'manager',
});
