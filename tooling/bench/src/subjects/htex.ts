import { HighThroughputExecutor, type HighThroughputExecutorOptions } from '@parsl-ts/htex';
import { LocalProvider } from '@parsl-ts/provider-local';
import type { NodeSubject } from '../subject.js';
import { kernelSession } from './kernel-session.js';

/** The high-throughput executor with one block of worker processes on this machine. */
function htex(
  name: string,
  title: string,
  measures: readonly string[],
  options: (workers: number) => HighThroughputExecutorOptions,
): NodeSubject {
  return {
    name,
    title,
    measures,
    tasks: 100_000,
    processes: {
      interchange: /\/parsl-interchange\.js/,
      manager: /\/parsl-worker-pool\.js/,
      workers: /\/bin\/worker\.js/,
    },
    open: (workers) =>
      kernelSession(
        new HighThroughputExecutor({
          label: 'htex',
          maxWorkersPerNode: workers,
          provider: new LocalProvider({ initBlocks: 1, minBlocks: 1, maxBlocks: 1 }),
          ...options(workers),
        }),
      ),
  };
}

export const htexEncrypted = htex(
  'htex',
  'HTEX',
  ['throughput', 'latency', 'first-result', 'payload', 'dataflow', 'million', 'memory', 'idle'],
  () => ({}),
);

export const htexPlain = htex(
  'htex-plain',
  'HTEX, not encrypted',
  ['throughput', 'latency', 'first-result', 'payload', 'dataflow'],
  () => ({ encrypted: false }),
);

/** With as many tasks ahead per worker as the bare pipe has. By itself, HTEX comes to 256 for no-ops. */
function htexAhead(prefetch: number): NodeSubject {
  return htex(
    `htex-plain-${prefetch}`,
    `HTEX, not encrypted, ${prefetch} ahead`,
    ['throughput'],
    (workers) => ({
      encrypted: false,
      prefetchCapacity: workers * prefetch,
    }),
  );
}

export const htexPlain16 = htexAhead(16);
export const htexPlain256 = htexAhead(256);
