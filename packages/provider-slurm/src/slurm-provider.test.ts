import { SimpleLauncher } from '@parsl-ts/provider';
import { afterEach, expect, test } from 'vitest';
import type { SlurmProviderOptions } from './slurm-provider-options.js';
import { SlurmProvider } from './slurm-provider.js';

const { PATH } = process.env;
afterEach(() => {
  process.env['PATH'] = PATH;
});

test('making one runs no command, and has defaults', () => {
  process.env['PATH'] = '/nowhere';
  const provider = new SlurmProvider();
  expect(provider).toMatchObject({
    label: 'slurm',
    nodesPerBlock: 1,
    node: {},
    blocks: { init: 1, min: 0, max: 1, parallelism: 1 },
    pollIntervalMs: 10_000,
    carriesSecrets: true,
  });
  const options = { coresPerNode: 4, memPerNodeGb: 2, launcher: new SimpleLauncher() };
  expect(new SlurmProvider(options).node).toEqual({ cores: 4, memoryGb: 2 });
});

test.each<[object, string]>([
  [{ partitions: 'x' }, "unknown option 'partitions' of SlurmProvider; did you mean 'partition'?"],
  [{ partition: 'a b' }, "option 'partition' of SlurmProvider must be one word"],
  [{ constraint: 'x"\n#SBATCH --evil' }, "option 'constraint' of SlurmProvider must be one word"],
  [{ cores_per_node: 4 }, "did you mean 'coresPerNode'?"],
  [{ mem_per_node: 4 }, "did you mean 'memPerNodeGb'?"],
  [{ gpus_per_node: 4 }, "did you mean 'gpusPerNode'?"],
  [{ gpusPerNode: 0 }, "option 'gpusPerNode' of SlurmProvider must be an integer of at least 1"],
  [{ exclusive: 'yes' }, "option 'exclusive' of SlurmProvider must be true or false"],
  [{ walltime: '10' }, "option 'walltime' of SlurmProvider must be a walltime"],
  [{ regex_job_id: /x/ }, "unknown option 'regex_job_id' of SlurmProvider"],
  [{ channel: {} }, "option 'channel' of SlurmProvider does not exist: there are no channels"],
  [{ initBlocks: 2, maxBlocks: 1 }, "option 'initBlocks' of SlurmProvider is 2, more than 'maxBlocks'"],
])('%j is refused', (options: SlurmProviderOptions, message) => {
  expect(() => new SlurmProvider(options)).toThrow(message);
});
