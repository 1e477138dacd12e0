import type { CheckedSlurmOptions } from './slurm-provider-options.js';

/** Variables by which `sbatch` is told what every job script says as well. They would win over the script. */
const ALWAYS = ['JOB_NAME', 'OUTPUT', 'ERROR', 'OPEN_MODE', 'TIMELIMIT', 'EXCLUSIVE', 'ARRAY_INX', 'WAIT'];

/** The same, for what a script says if the option is given. Without it, such a variable is the user's or the site's wish. */
const BY_OPTION = {
  partition: ['PARTITION'],
  account: ['ACCOUNT'],
  qos: ['QOS'],
  constraint: ['CONSTRAINT'],
  clusters: ['CLUSTERS'],
  memPerNodeGb: ['MEM_PER_NODE', 'MEM_PER_CPU', 'MEM_PER_GPU'],
  gpusPerNode: ['GPUS_PER_NODE', 'GPUS', 'GPUS_PER_TASK'],
  gres: ['GRES'],
} as const satisfies Partial<Record<keyof CheckedSlurmOptions, readonly string[]>>;

/** Those that other commands take for wishes about what they print. */
const FORMATS = /^(?:SQUEUE|SACCT|SCANCEL)_|^SLURM_TIME_FORMAT$/;

/** What a job has of its own says nothing about another one that is submitted from it, but for these. */
const OF_THE_CLUSTER = new Set([
  'SLURM_CONF',
  'SLURM_CONF_SERVER',
  'SLURM_CLUSTERS',
  'SLURM_JWT',
  'SLURM_UMASK',
]);

/**
 * Which variables of the environment are kept from Slurm's commands: those that contradict the options or the questions,
 * and, where the submit process itself runs in a job, those of that job, which would go on into the new one and change
 * what `srun` does there.
 */
export function ignoredVariables(
  options: CheckedSlurmOptions,
): (variable: string, environment: NodeJS.ProcessEnv) => boolean {
  const given = Object.entries(BY_OPTION).flatMap(([option, names]) =>
    options[option as keyof typeof BY_OPTION] === undefined ? [] : names,
  );
  const ours = new Set([...ALWAYS, ...given].map((name) => `SBATCH_${name}`));
  return (variable, environment) =>
    ours.has(variable) ||
    FORMATS.test(variable) ||
    (environment['SLURM_JOB_ID'] !== undefined &&
      variable.startsWith('SLURM_') &&
      !OF_THE_CLUSTER.has(variable));
}
