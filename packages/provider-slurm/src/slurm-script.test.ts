import { checkOptions, SimpleLauncher, type BlockRequest } from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';
import { SLURM_PROVIDER_SCHEMA, type SlurmProviderOptions } from './slurm-provider-options.js';
import { quoteArgument, slurmScript } from './slurm-script.js';

function script(options: SlurmProviderOptions, changes: Partial<BlockRequest> = {}, path = '/run/b'): string {
  const checked = checkOptions('SlurmProvider', options, SLURM_PROVIDER_SCHEMA);
  const request = {
    name: 'parsl.cpu.block-0.1f3c',
    command: '/bin/pool',
    tasksPerNode: 1,
    scriptDir: '/run',
  };
  return slurmScript(
    { ...checked, launcher: checked.launcher ?? new SimpleLauncher() },
    { ...request, ...changes },
    { scriptPath: `${path}.sh`, stdoutPath: `${path}.out`, stderrPath: `${path}.err` },
  );
}

describe('the script of a block', () => {
  test('asks for little by default', () => {
    expect(script({})).toBe(`#!/bin/bash
#SBATCH --job-name=parsl.cpu.block-0.1f3c
#SBATCH --output=/run/b.out
#SBATCH --error=/run/b.err
#SBATCH --open-mode=append
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --time=00:10:00
#SBATCH --exclusive
export PARSL_BLOCK_END=\${SLURM_JOB_END_TIME:-$(($(date +%s) + 600))}
export JOBNAME=parsl.cpu.block-0.1f3c
exec /bin/pool
`);
  });

  test('asks for what the options say', () => {
    const options: SlurmProviderOptions = {
      partition: 'normal,large',
      account: 'proj-1',
      qos: 'high',
      constraint: '[rack1|rack2]&fast',
      clusters: 'east,west',
      nodesPerBlock: 4,
      coresPerNode: 7,
      memPerNodeGb: 1.5,
      gpusPerNode: 2,
      gres: 'tmp:100G',
      exclusive: false,
      walltime: '36:00:00',
      schedulerOptions: '--mail-type=END\n#SBATCH --nice',
      workerInit: 'module load nodejs',
    };
    expect(script(options, { tasksPerNode: 2 })).toBe(`#!/bin/bash
#SBATCH --job-name=parsl.cpu.block-0.1f3c
#SBATCH --output=/run/b.out
#SBATCH --error=/run/b.err
#SBATCH --open-mode=append
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=3
#SBATCH --mem=1536M
#SBATCH --time=36:00:00
#SBATCH --partition=normal,large
#SBATCH --account=proj-1
#SBATCH --qos=high
#SBATCH --constraint="[rack1|rack2]&fast"
#SBATCH --clusters=east,west
#SBATCH --gpus-per-node=2
#SBATCH --gres=tmp:100G
#SBATCH --mail-type=END
#SBATCH --nice
export PARSL_BLOCK_END=\${SLURM_JOB_END_TIME:-$(($(date +%s) + 129600))}
export JOBNAME=parsl.cpu.block-0.1f3c
export PARSL_CORES=7
export PARSL_MEMORY_GB=1.5
module load nodejs
exec /bin/pool
`);
  });

  test('lines for burst buffers stand among the others, and comments are left out', () => {
    const schedulerOptions =
      '# as on the old machine\n##SBATCH --nice\n#DW jobdw type=scratch\n#BB create_persistent\n--wckey=a';
    expect(script({ schedulerOptions })).toContain(`#SBATCH --exclusive
#DW jobdw type=scratch
#BB create_persistent
#SBATCH --wckey=a
export `);
  });

  test('a block that shares its nodes tells its pools how many cores it got', () => {
    expect(script({ exclusive: false })).toContain(
      '\nexport PARSL_CORES=$SLURM_CPUS_ON_NODE\nexec /bin/pool\n',
    );
    expect(script({ exclusive: false, coresPerNode: 1 })).not.toContain('SLURM_CPUS_ON_NODE');
    expect(script({})).not.toContain('SLURM_CPUS_ON_NODE');
  });

  test('a directory may have any name but one of two lines', () => {
    expect(script({}, {}, `/it's "50%" x`)).toContain(String.raw`--output="/it's \"50%%\" x.out"`);
    // With a backslash in it, Slurm takes % for itself, and halves backslashes.
    expect(script({}, {}, String.raw`/50%\x`)).toContain(String.raw`--output="/50%\\\\x.out"`);
    expect(() => script({}, {}, '/two\nlines')).toThrow(TypeError);
  });
});

test.each([
  ['plain-1_2.3:4/5,6+7=8%9@x', 'plain-1_2.3:4/5,6+7=8%9@x'],
  ['two words', '"two words"'],
  ['#hash', '"#hash"'],
  ["it's", `"it's"`],
  ['a"b\\c', String.raw`"a\"b\\c"`],
  ['', '""'],
])('%j is written %s', (argument, written) => {
  expect(quoteArgument(argument)).toBe(written);
});
