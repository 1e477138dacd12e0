import { jobScript, nodeResources, type BlockRequest, type Launcher } from '@parsl-ts/provider';
import { jobName } from './job-name.js';
import { outlived, RECORD_END } from './recorded-end.js';

/** The options that make up a job's script, of PBS Pro and of Torque. */
export interface PbsScriptOptions {
  readonly queue: string | undefined;
  readonly account: string | undefined;
  readonly walltime: string;
  readonly nodesPerBlock: number;
  readonly cpusPerNode: number;
  readonly memPerNodeGb: number | undefined;
  readonly schedulerOptions: string;
  readonly workerInit: string;
  readonly launcher: Launcher;
}

/**
 * The script of a job.
 *
 * @param resources what the job asks for, one `-l` each: `select=2:ncpus=4`
 */
export function pbsScript(
  request: BlockRequest,
  options: PbsScriptOptions,
  resources: readonly string[],
): string {
  const { queue, account, schedulerOptions, workerInit, launcher } = options;
  return jobScript({
    request,
    nodesPerBlock: options.nodesPerBlock,
    walltime: options.walltime,
    launcher: outlived(launcher),
    node: nodeResources(options.cpusPerNode, options.memPerNodeGb),
    directives: [
      '#PBS -S /bin/bash',
      `#PBS -N ${jobName(request.name)}`,
      ...resources.map((resource) => `#PBS -l ${resource}`),
      ...(queue === undefined ? [] : [`#PBS -q ${queue}`]),
      ...(account === undefined ? [] : [`#PBS -A ${account}`]),
      // A block that is lost is replaced by another one: PBS must not run it again.
      '#PBS -r n',
      '#PBS -m n',
      schedulerOptions,
    ],
    workerInit: workerInit === '' ? RECORD_END : `${RECORD_END}\n${workerInit}`,
  });
}

/** Memory as PBS writes it. */
export function memory(gb: number): string {
  return Number.isInteger(gb) ? `${gb}gb` : `${Math.ceil(gb * 1024)}mb`;
}
