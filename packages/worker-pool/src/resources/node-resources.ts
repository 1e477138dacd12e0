import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

import { PoolExit, WorkerPoolError } from '../pool-error.js';
import { memoryLimit, type ReadText } from './memory-limit.js';

const BYTES_PER_MB = 2 ** 20;
const BYTES_PER_GB = 2 ** 30;

/** What a node has. */
export interface NodeResources {
  readonly cores: number;
  /** In GB. */
  readonly memoryGb: number;
}

/**
 * Finds out what this process may use: of the host, of its control groups, and of its job of Slurm. `PARSL_CORES` and
 * `PARSL_MEMORY_GB` (set in a batch script where a node is shared) win over what is found.
 *
 * @throws WorkerPoolError when one of these is not a number.
 */
export function nodeResources(
  env: NodeJS.ProcessEnv = process.env,
  readText: ReadText = readIfThere,
): NodeResources {
  return {
    cores: fromEnvironment(env, 'PARSL_CORES') ?? availableParallelism(),
    memoryGb: fromEnvironment(env, 'PARSL_MEMORY_GB') ?? memoryBytes(env, readText) / BYTES_PER_GB,
  };
}

function fromEnvironment(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = env[name]?.trim();
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new WorkerPoolError(
    'PARSL_POOL_ENVIRONMENT',
    `the environment variable ${name} is '${text}'; it has to be a number above 0`,
    PoolExit.usage,
  );
}

function memoryBytes(env: NodeJS.ProcessEnv, readText: ReadText): number {
  return Math.min(totalmem(), memoryLimit(readText), memoryOfSlurmJob(env));
}

/** In bytes. Not every site has control groups hold jobs to it. 0 stands for all that a node has. */
function memoryOfSlurmJob(env: NodeJS.ProcessEnv): number {
  const perNode = Number(env['SLURM_MEM_PER_NODE']);
  const perCpu = Number(env['SLURM_MEM_PER_CPU']) * Number(env['SLURM_CPUS_ON_NODE']);
  // In MB. Most sites give memory by the CPU where a job asks for none.
  const megabytes = perNode > 0 ? perNode : perCpu;
  return megabytes > 0 ? megabytes * BYTES_PER_MB : Infinity;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
