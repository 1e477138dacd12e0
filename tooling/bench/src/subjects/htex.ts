import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app, load } from '@parsl-ts/core';
import { HighThroughputExecutor, type HighThroughputExecutorOptions } from '@parsl-ts/htex';
import { LocalProvider } from '@parsl-ts/provider-local';
import type { Session, Subject } from '../subject.js';

const noop = app((x: number) => x);

/** The high-throughput executor with one block of worker processes on this machine. */
function htex(
  name: string,
  title: string,
  options: (workers: number) => HighThroughputExecutorOptions,
): Subject {
  return { name, title, open: (workers) => openHtex(workers, options(workers)) };
}

async function openHtex(workers: number, options: HighThroughputExecutorOptions): Promise<Session> {
  const runDir = await mkdtemp(join(tmpdir(), 'bench-'));
  const dfk = await load({
    executors: [
      new HighThroughputExecutor({
        label: 'htex',
        maxWorkersPerNode: workers,
        provider: new LocalProvider({ initBlocks: 1, minBlocks: 1, maxBlocks: 1 }),
        ...options,
      }),
    ],
    runDir,
  });
  return {
    noop: (x) => noop(x),
    close: async () => {
      await dfk.close();
      await rm(runDir, { recursive: true });
    },
  };
}

export const htexEncrypted = htex('htex', 'HTEX', () => ({}));
export const htexPlain = htex('htex-plain', 'HTEX, not encrypted', () => ({ encrypted: false }));

/** With as many tasks ahead per worker as the bare pipe has. What the default comes to for no-ops is 256 per worker. */
function htexAhead(prefetch: number): Subject {
  return htex(`htex-plain-${prefetch}`, `HTEX, not encrypted, ${prefetch} ahead`, (workers) => ({
    encrypted: false,
    prefetchCapacity: workers * prefetch,
  }));
}

export const htexPlain16 = htexAhead(16);
export const htexPlain256 = htexAhead(256);
