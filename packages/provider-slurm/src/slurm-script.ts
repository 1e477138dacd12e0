import { jobScript, nodeResources, type BlockRequest, type JobFiles } from '@parsl-ts/provider';
import type { CheckedSlurmOptions } from './slurm-provider-options.js';

/** Megabytes of a gigabyte, as Slurm counts them. */
const MB_PER_GB = 1024;

/** The text of the script that runs a block. */
export function slurmScript(options: CheckedSlurmOptions, request: BlockRequest, files: JobFiles): string {
  const { coresPerNode, memPerNodeGb, exclusive, schedulerOptions } = options;
  // Slurm need not keep a block that shares its nodes from using all cores of them.
  const ownCores = coresPerNode === undefined && !exclusive ? 'export PARSL_CORES=$SLURM_CPUS_ON_NODE' : '';
  return jobScript({
    ...options,
    request,
    endVariable: 'SLURM_JOB_END_TIME',
    directives: [...directives(options, request, files), schedulerOptions],
    workerInit: [ownCores, options.workerInit].filter((lines) => lines !== '').join('\n'),
    node: nodeResources(coresPerNode, memPerNodeGb),
  });
}

function directives(options: CheckedSlurmOptions, request: BlockRequest, files: JobFiles): readonly string[] {
  const { nodesPerBlock, coresPerNode, memPerNodeGb, walltime } = options;
  const { tasksPerNode } = request;
  const lines: readonly (readonly [name: string, value: string | number | undefined])[] = [
    ['job-name', request.name],
    ['output', pattern(files.stdoutPath)],
    ['error', pattern(files.stderrPath)],
    // A job that is requeued runs the same script again, and what it wrote before stays of interest.
    ['open-mode', 'append'],
    ['nodes', nodesPerBlock],
    ['ntasks-per-node', tasksPerNode],
    [
      'cpus-per-task',
      coresPerNode === undefined ? undefined : Math.max(1, Math.floor(coresPerNode / tasksPerNode)),
    ],
    ['mem', memPerNodeGb === undefined ? undefined : `${Math.ceil(memPerNodeGb * MB_PER_GB)}M`],
    ['time', walltime],
    ['partition', options.partition],
    ['account', options.account],
    ['qos', options.qos],
    ['constraint', options.constraint],
    ['clusters', options.clusters],
    ['gpus-per-node', options.gpusPerNode],
    ['gres', options.gres],
  ];
  return [
    ...lines.flatMap(([name, value]) =>
      value === undefined ? [] : [`#SBATCH --${name}=${quoteArgument(String(value))}`],
    ),
    ...(options.exclusive ? ['#SBATCH --exclusive'] : []),
  ];
}

/**
 * Writes a path as the options for output take it, where `%j` and the like stand for something, unless there is a backslash
 * in it: then only backslashes do.
 */
function pattern(path: string): string {
  return path.includes('\\') ? path.replaceAll('\\', String.raw`\\`) : path.replaceAll('%', '%%');
}

/**
 * Writes an argument so that `sbatch` reads exactly it in a line of a script. Only quotes keep blanks together, and in
 * quotes of either kind a backslash takes the meaning from the next character.
 *
 * @throws TypeError for an argument that does not fit on a line
 */
export function quoteArgument(argument: string): string {
  if (/[\n\r\0]/.test(argument)) {
    throw new TypeError(`a line for sbatch cannot hold ${JSON.stringify(argument)}`);
  }
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `"${argument.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
