import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app, load } from '@parsl-ts/core';
import { HighThroughputExecutor } from '@parsl-ts/htex';
import { LocalProvider } from '@parsl-ts/provider-local';
import type { Session, Subject } from '../subject.js';

const noop = app((x: number) => x);

/** The high-throughput executor with one block of worker processes on this machine. */
function htex(name: string, title: string, encrypted: boolean): Subject {
  return { name, title, open: (workers) => openHtex(workers, encrypted) };
}

async function openHtex(workers: number, encrypted: boolean): Promise<Session> {
  const runDir = await mkdtemp(join(tmpdir(), 'bench-'));
  const dfk = await load({
    executors: [
      new HighThroughputExecutor({
        label: 'htex',
        encrypted,
        maxWorkersPerNode: workers,
        provider: new LocalProvider({ initBlocks: 1, minBlocks: 1, maxBlocks: 1 }),
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

export const htexEncrypted = htex('htex', 'HTEX', true);
export const htexPlain = htex('htex-plain', 'HTEX, not encrypted', false);
