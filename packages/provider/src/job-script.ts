import type { BlockRequest, NodeResources } from './contract.js';
import type { Launcher } from './launcher.js';
import { shellQuote } from './shell-quote.js';

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
}

/** The text of a job's bash script. Pure. */
export function jobScript({
  request,
  nodesPerBlock,
  launcher,
  directives = [],
  workerInit = '',
  node = {},
}: JobScript): string {
  const exports = [
    `export JOBNAME=${shellQuote(request.name)}`,
    ...(node.cores === undefined ? [] : [`export PARSL_CORES=${String(node.cores)}`]),
    ...(node.memoryGb === undefined ? [] : [`export PARSL_MEMORY_GB=${String(node.memoryGb)}`]),
  ];
  const head = ['#!/bin/bash', ...directives, ...exports, workerInit].filter((line) => line !== '');
  return `${head.join('\n')}\n${launcher.fragment({ ...request, nodesPerBlock })}`;
}
