import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { conformanceCases } from '@parsl-ts/provider/testing';
import { describe, test } from 'vitest';
import { GridEngineProvider } from './grid-engine-provider.js';
import { useGridEngineBed } from './testing/use-grid-engine-bed.js';

const run = promisify(execFile);
const bed = useGridEngineBed({ hosts: 2, slots: 8 });

describe('GridEngineProvider is a provider', () => {
  const cases = conformanceCases({
    create: ({ nodesPerBlock }) =>
      new GridEngineProvider({
        queue: 'all.q',
        pollIntervalMs: 200,
        // Jobs do not get the environment of qsub unless this is asked for.
        schedulerOptions: '-V',
        ...(nodesPerBlock > 1 ? { nodesPerBlock, parallelEnvironment: 'pairs', slotsPerNode: 2 } : {}),
      }),
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
