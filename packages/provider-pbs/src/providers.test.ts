import { SingleNodeLauncher } from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';
import { launcherFor } from './pbs-options.js';
import { PBSProProvider, type PBSProProviderOptions } from './pbs-pro-provider.js';
import { PbsdshLauncher } from './pbsdsh-launcher.js';
import { TorqueProvider } from './torque-provider.js';

describe('options', () => {
  test('say what a block is', () => {
    const provider = new PBSProProvider({ nodesPerBlock: 2, cpusPerNode: 8, memPerNodeGb: 4, maxBlocks: 3 });
    expect(provider).toMatchObject({
      label: 'pbspro',
      nodesPerBlock: 2,
      node: { cores: 8, memoryGb: 4 },
      blocks: { init: 1, min: 0, max: 3 },
      carriesSecrets: true,
    });
    expect(new TorqueProvider()).toMatchObject({ label: 'torque', node: { cores: 1 } });
  });

  test.each<[object, string]>([
    [{ cpus_per_node: 2 }, "did you mean 'cpusPerNode'?"],
    [{ select_options: 'ngpus=1' }, "did you mean 'selectOptions'?"],
    [{ cpusPerNode: 0 }, "option 'cpusPerNode' of PBSProProvider must be an integer of at least 1"],
    [{ queue: 'two words' }, "option 'queue' of PBSProProvider must be one word"],
    [{ selectOptions: 'ngpus=1 place=x' }, 'must be one word'],
    [{ schedulerOptions: 'module load x' }, "'#PBS -'"],
    [{ schedulerOptions: '-r y -J 0-2' }, "must be lines without '-J'"],
    [{ launcher: 'pbsdsh' }, 'must be a Launcher'],
    [{ walltime: 60 }, 'must be a walltime'],
    [{ nodeOptions: 'x' }, "unknown option 'nodeOptions'"],
  ])('%j is refused', (options, message) => {
    expect(() => new PBSProProvider(options as PBSProProviderOptions)).toThrow(message);
  });

  test('of PBS Pro are not all Torque’s', () => {
    expect(() => new TorqueProvider({ place: 'scatter' } as object)).toThrow("unknown option 'place'");
    expect(() => new TorqueProvider({ schedulerOptions: '-t 0-2' })).toThrow("must be lines without '-t'");
  });
});

test('the launcher of several nodes reaches all of them', () => {
  expect(launcherFor(1)).toBeInstanceOf(SingleNodeLauncher);
  expect(launcherFor(2)).toBeInstanceOf(PbsdshLauncher);
});
