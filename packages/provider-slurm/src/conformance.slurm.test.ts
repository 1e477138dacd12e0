import { setTimeout as delay } from 'node:timers/promises';
import { conformanceCases } from '@parsl-ts/provider/testing';
import { describe, test } from 'vitest';
import type { SlurmProviderOptions } from './slurm-provider-options.js';
import { SlurmProvider } from './slurm-provider.js';
import { useSlurmBed } from './testing/use-slurm-bed.js';

describe.each(['off', 'on'] as const)('SlurmProvider is a provider, with accounting %s', (accounting) => {
  const bed = useSlurmBed({ accounting });
  const make = (options: SlurmProviderOptions) => new SlurmProvider({ pollIntervalMs: 200, ...options });
  const controller = () => bed.it.daemon('slurmctld');
  const cases = conformanceCases({
    create: ({ nodesPerBlock, commandTimeoutMs = 30_000 }) => make({ nodesPerBlock, commandTimeoutMs }),
    unsatisfiable: {
      'a partition that does not exist': () => make({ partition: 'nosuch' }),
      'a feature that no node has': () => make({ constraint: 'nosuch' }),
      'more nodes than there are': () => make({ nodesPerBlock: 99 }),
      'more memory than a node has': () => make({ memPerNodeGb: 1000 }),
      'more time than the partition gives': () => make({ partition: 'short', walltime: '01:00:00' }),
    },
    occupy: async (provider) => {
      await bed.it.run('scontrol', 'update', 'partitionname=debug', 'state=down');
      return async () => {
        await bed.it.run('scontrol', 'update', 'partitionname=debug', 'state=up');
        await delay(provider.pollIntervalMs);
      };
    },
    expire: async (id) => {
      await bed.it.run('scontrol', 'update', `jobid=${id}`, 'EndTime=now+1second');
    },
    killNode: async (id) => {
      await bed.it.daemon((await bed.it.run('squeue', '-h', '-o', '%N', '-j', id)).trim()).kill();
      return () => bed.it.startNodes();
    },
    stopScheduler: async () => {
      await controller().stop();
      return () => controller().start();
    },
    freezeScheduler: async () => {
      controller().freeze();
      return async () => controller().thaw();
    },
    timeoutMs: 90_000,
  });
  for (const { name, skip, run } of cases) {
    test(name, { timeout: 180_000 }, async (context) => {
      context.skip(bed.missing !== undefined, bed.missing);
      context.skip(skip !== undefined, skip);
      await run();
    });
  }
});
