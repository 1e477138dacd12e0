import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformanceCases } from '@parsl-ts/provider/testing';
import { afterAll, describe, test } from 'vitest';
import { FifoProvider } from './fifo-provider.js';

const root = mkdtempSync(join(tmpdir(), 'fifo-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

let queues = 0;

describe('FifoProvider is a provider', () => {
  const cases = conformanceCases({
    create: ({ nodesPerBlock }) =>
      new FifoProvider({ queue: join(root, String(queues++)), nodesPerBlock, pollIntervalMs: 20 }),
    cannot: { concurrency: 'it runs one job at a time' },
    occupy: async (provider) => {
      const go = join(root, `go-${String(queues++)}`);
      const command = `while [ ! -e '${go}' ]; do sleep 0.05; done`;
      await provider.submit({ name: 'first', command, tasksPerNode: 1, scriptDir: root });
      return () => {
        writeFileSync(go, '');
        rmSync(join(root, 'first.sh'), { force: true });
        return Promise.resolve();
      };
    },
  });
  for (const { name, skip, run } of cases) {
    test(name, { timeout: 60_000 }, async (context) => {
      context.skip(skip !== undefined, skip);
      await run();
    });
  }
});
