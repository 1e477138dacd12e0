import { BLOCK_END_VARIABLE, SECRET_VARIABLE, type BlockRequest, type NodeResources } from './contract.js';
import type { Launcher } from './launcher.js';
import { shellQuote } from './shell-quote.js';
import { walltimeMs } from './walltime-ms.js';

/** What goes into a job's script. */
export interface JobScript {
  /** The block that the job is to run. */
  readonly request: BlockRequest;
  readonly nodesPerBlock: number;
  readonly launcher: Launcher;
  /** Lines for the scheduler, right after the first one: `#SBATCH --nodes=2`. Empty ones are left out. */
  readonly directives?: readonly string[];
  /** Lines of bash from the user, run on the first node before the launcher. */
  readonly workerInit?: string;
  /** What a worker pool is told of its node, instead of finding out by itself. */
  readonly node?: NodeResources;
  /** How long the job may run, `HH:MM:SS`, so that worker pools know when it ends. */
  readonly walltime?: string | undefined;
  /**
   * The environment variable in which the scheduler says when the job ends, in seconds since 1970, if it does:
   * `SLURM_JOB_END_TIME`. Without it, `walltime` is counted from the start of the script.
   */
  readonly endVariable?: string | undefined;
}

/**
 * The text of a job's bash script. Pure. It holds the request's secret, if there is one: whoever keeps it must keep it
 * where other users cannot read it.
 *
 * @throws TypeError when the secret has characters that it may not have
 */
export function jobScript({
  request,
  nodesPerBlock,
  launcher,
  directives = [],
  workerInit = '',
  node = {},
  walltime,
  endVariable,
}: JobScript): string {
  const exports = [
    ...(walltime === undefined ? [] : [exportEnd(walltime, endVariable)]),
    `export JOBNAME=${shellQuote(request.name)}`,
    ...(node.cores === undefined ? [] : [`export PARSL_CORES=${String(node.cores)}`]),
    ...(node.memoryGb === undefined ? [] : [`export PARSL_MEMORY_GB=${String(node.memoryGb)}`]),
  ];
  const head = ['#!/bin/bash', ...directives, ...exports, workerInit].filter((line) => line !== '');
  const { secret, ...rest } = request;
  // Not before the user's own lines, which may print the environment.
  const secretLine = secret === undefined ? '' : `${exportUnseen(secret)}\n`;
  const fragment = launcher.fragment({ ...rest, nodesPerBlock, hasSecret: secret !== undefined });
  return `${head.join('\n')}\n${secretLine}${fragment}`;
}

/** The first line that runs: what comes before it is not counted. */
function exportEnd(walltime: string, variable: string | undefined): string {
  const counted = `$(($(date +%s) + ${String(walltimeMs(walltime) / 1000)}))`;
  const end = variable === undefined ? counted : `\${${variable}:-${counted}}`;
  return `export ${BLOCK_END_VARIABLE}=${end}`;
}

/** A `set -v` or `set -x` of the user's would write it into the job's output: the one ends, the other writes elsewhere. */
function exportUnseen(secret: string): string {
  if (!/^[\w-]+$/.test(secret)) {
    throw new TypeError("a block's secret is a word of letters, digits, '_' and '-'");
  }
  return `set +v\n{ export ${SECRET_VARIABLE}=${secret}; } 2>/dev/null`;
}
