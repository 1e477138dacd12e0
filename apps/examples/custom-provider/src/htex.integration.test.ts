import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app, load } from '@parsl-ts/core';
import { HighThroughputExecutor } from '@parsl-ts/htex';
import { afterEach, expect, test } from 'vitest';
import { FifoProvider } from './fifo-provider.js';

let directory: string | undefined;
afterEach(() => {
  rmSync(directory ?? '', { recursive: true, force: true });
});

test('tasks run on blocks of a provider that nobody but its author knows', { timeout: 60_000 }, async () => {
  directory = mkdtempSync(join(tmpdir(), 'fifo-htex-'));
  const provider = new FifoProvider({ queue: join(directory, 'queue'), pollIntervalMs: 100 });
  const executor = new HighThroughputExecutor({ label: 'fifo', provider, maxWorkersPerNode: 1 });
  const dfk = await load({ executors: [executor], runDir: join(directory, 'runinfo') });
  try {
    const square = app((x: number) => x * x);
    expect(await Promise.all([1, 2, 3].map((x) => square(x)))).toEqual([1, 4, 9]);
    expect(readdirSync(join(directory, 'queue'))).toContain('1');
  } finally {
    await dfk.close();
  }
  // The pool ends by itself when its executor closes, or is cancelled before it has come to that.
  const status = await provider.status(['1']);
  expect(status.get('1')?.state).toMatch(/^(completed|cancelled)$/);
});
