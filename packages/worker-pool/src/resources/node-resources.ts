import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

import { PoolExit, WorkerPoolError } from '../pool-error.js';
import { type NodeResources } from './worker-count.js';

const BYTES_PER_GB = 2 ** 30;

/** Where the limit of the container or batch job stands: cgroup v2, then v1. */
const MEMORY_LIMITS = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];

/**
 * Finds out what this process may use. `PARSL_CORES` and `PARSL_MEMORY_GB` (set in a batch script where a node is
 * shared) win over what is found.
 *
 * @throws WorkerPoolError when one of these is not a number.
 * @param readText Reads a file; `undefined` when there is none.
 */
export function nodeResources(
  env: NodeJS.ProcessEnv = process.env,
  readText: (path: string) => string | undefined = readIfThere,
): NodeResources {
  return {
    cores: fromEnvironment(env, 'PARSL_CORES') ?? availableParallelism(),
    memoryGb: fromEnvironment(env, 'PARSL_MEMORY_GB') ?? memoryBytes(readText) / BYTES_PER_GB,
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

function memoryBytes(readText: (path: string) => string | undefined): number {
  const total = totalmem();
  for (const path of MEMORY_LIMITS) {
    const limit = Number(readText(path) ?? NaN);
    if (limit > 0 && limit < total) return limit;
  }
  return total;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
