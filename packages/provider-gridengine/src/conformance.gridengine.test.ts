import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { conformanceCases } from '@parsl-ts/provider/testing';
import { describe, expect, test, vi } from 'vitest';
import { GridEngineProvider } from './grid-engine-provider.js';
import { useGridEngineBed } from './testing/use-grid-engine-bed.js';

const run = promisify(execFile);
const bed = useGridEngineBed({ hosts: 2, slots: 8 });

/** No host is heard of for half a minute after the qmaster was started again. */
const hostsHeardOf = (): Promise<void> =>
  vi.waitFor(
    async () => {
      await expect(run('qselect', ['-qs', 'u'])).rejects.toMatchObject({ stdout: '', stderr: '' });
    },
    { timeout: 90_000, interval: 500 },
  );

describe('GridEngineProvider is a provider', () => {
  const cases = conformanceCases({
    create: ({ nodesPerBlock, ...wishes }) =>
      new GridEngineProvider({
        ...wishes,
        queue: 'all.q',
        pollIntervalMs: 200,
        // Jobs do not get the environment of qsub unless this is asked for.
        schedulerOptions: '-V',
        ...(nodesPerBlock > 1 ? { nodesPerBlock, parallelEnvironment: 'pairs', slotsPerNode: 2 } : {}),
      }),
    unsatisfiable: {
      'a queue that does not exist': () => new GridEngineProvider({ queue: 'nosuch.q' }),
      'a project that does not exist': () => new GridEngineProvider({ project: 'nosuch' }),
      'more slots than a host has': () =>
        new GridEngineProvider({ parallelEnvironment: 'smp', slotsPerNode: 9 }),
      'more hosts than there are': () =>
        new GridEngineProvider({ parallelEnvironment: 'pairs', slotsPerNode: 2, nodesPerBlock: 3 }),
    },
    stopScheduler: async () => {
      await bed.it.killQmaster();
      return async () => {
        await bed.it.startQmaster();
        await hostsHeardOf();
      };
    },
    freezeScheduler: async () => {
      await bed.it.freezeQmaster();
      return () => bed.it.thawQmaster();
    },
    cannot: { secrets: 'every user of an execution host can read the job scripts there' },
    occupy: async () => {
      await run('qmod', ['-d', 'all.q']);
      return async () => {
        await run('qmod', ['-e', 'all.q']);
      };
    },
  });
  for (const { name, skip, run: body } of cases) {
    test(name, { timeout: 120_000 }, async (context) => {
      const reason = bed.missing ?? skip;
      context.skip(reason !== undefined, reason);
      await body();
    });
  }
});
