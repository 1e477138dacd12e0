import { checkOptions, SimpleLauncher } from '@parsl-ts/provider';
import { expect, test } from 'vitest';
import { ignoredVariables } from './slurm-environment.js';
import { SLURM_PROVIDER_SCHEMA, type SlurmProviderOptions } from './slurm-provider-options.js';

const IN_JOB = { SLURM_JOB_ID: '7' };

function ignored(
  variable: string,
  environment: NodeJS.ProcessEnv = {},
  options: SlurmProviderOptions = {},
): boolean {
  const checked = checkOptions('SlurmProvider', options, SLURM_PROVIDER_SCHEMA);
  return ignoredVariables({ ...checked, launcher: new SimpleLauncher() })(variable, environment);
}

test.each([
  ['SBATCH_TIMELIMIT', {}, {}, true],
  ['SBATCH_PARTITION', {}, { partition: 'debug' }, true],
  ['SBATCH_PARTITION', {}, {}, false],
  ['SBATCH_MEM_PER_CPU', {}, { memPerNodeGb: 4 }, true],
  ['SBATCH_EXPORT', {}, {}, false],
  ['SQUEUE_USERS', {}, {}, true],
  ['SACCT_FORMAT', {}, {}, true],
  ['SLURM_MEM_PER_CPU', IN_JOB, {}, true],
  ['SLURM_NTASKS', IN_JOB, {}, true],
  ['SLURM_MPI_TYPE', {}, {}, false],
  ['SLURM_CONF', IN_JOB, {}, false],
  ['PATH', IN_JOB, {}, false],
])('%s in %j with the options %j: kept from commands? %s', (variable, environment, options, expected) => {
  expect(ignored(variable, environment, options)).toBe(expected);
});
