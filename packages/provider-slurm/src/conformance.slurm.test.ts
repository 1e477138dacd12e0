import { conformanceCases } from '@parsl-ts/provider/testing';
import { describe, test } from 'vitest';
import { SlurmProvider } from './slurm-provider.js';
import { useSlurmBed } from './testing/use-slurm-bed.js';

describe.each(['off', 'on'] as const)('SlurmProvider is a provider, with accounting %s', (accounting) => {
  const bed = useSlurmBed({ accounting });
  const cases = conformanceCases({
    create: ({ nodesPerBlock }) => new SlurmProvider({ nodesPerBlock, pollIntervalMs: 200 }),
  });
  for (const { name, skip, run } of cases) {
    test(name, { timeout: 60_000 }, async (context) => {
      context.skip(bed.missing !== undefined, bed.missing);
      context.skip(skip !== undefined, skip);
      await run();
    });
  }
});
