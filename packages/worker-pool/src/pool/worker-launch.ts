import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';

import { plainEnvironment } from '@parsl-ts/wire';

import { acceleratorEnvironments } from '../resources/accelerators.js';
import {
  coresOfWorkers,
  openMpEnvironment,
  parseCoreList,
  type CpuAffinity,
} from '../resources/cpu-affinity.js';
import { WORKER_PROGRAM } from './package-files.js';
import { PoolExit, WorkerPoolError } from '../pool-error.js';

/** What workers of a pool have in common. */
export interface WorkerSettings {
  readonly poolId: string;
  readonly blockId: string;
  readonly workers: number;
  readonly cpuAffinity: CpuAffinity;
  readonly accelerators: readonly string[];
  readonly memPerWorkerGb: number | undefined;
}

/** The command line and environment of one worker. */
export interface WorkerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Makes the commands of all workers of a pool, by rank.
 *
 * @param base Environment that workers inherit.
 * @throws WorkerPoolError when cores cannot be given as asked for.
 */
export function workerCommands(
  settings: WorkerSettings,
  base: NodeJS.ProcessEnv = process.env,
): readonly WorkerCommand[] {
  const inherited = plainEnvironment(base);
  const cores = coreLists(settings, base);
  const devices = acceleratorEnvironments(settings.accelerators, base);
  const { memPerWorkerGb } = settings;
  const heap =
    memPerWorkerGb === undefined
      ? []
      : [`--max-old-space-size=${String(Math.max(16, Math.floor(1024 * memPerWorkerGb)))}`];
  return Array.from({ length: settings.workers }, (_, rank) => {
    const own = cores?.[rank];
    const env = {
      ...inherited,
      ...(own === undefined ? {} : openMpEnvironment(own)),
      ...devices[rank],
      PARSL_WORKER_RANK: String(rank),
      PARSL_WORKER_COUNT: String(settings.workers),
      PARSL_WORKER_POOL_ID: settings.poolId,
      PARSL_WORKER_BLOCK_ID: settings.blockId,
    };
    const node = [...heap, WORKER_PROGRAM];
    return own === undefined
      ? { command: process.execPath, args: node, env }
      : { command: 'taskset', args: ['-c', own.join(','), process.execPath, ...node], env };
  });
}

function coreLists(
  settings: WorkerSettings,
  env: NodeJS.ProcessEnv,
): readonly (readonly number[])[] | undefined {
  const { cpuAffinity, workers } = settings;
  if (cpuAffinity === 'none') return undefined;
  const found = (env['PATH'] ?? '').split(delimiter).some((dir) => existsSync(join(dir, 'taskset')));
  if (!found) {
    throw new WorkerPoolError(
      'PARSL_POOL_NO_TASKSET',
      `cpu affinity '${cpuAffinity}' needs the program 'taskset' (package util-linux), which is not in the PATH; install it or use 'none'`,
      PoolExit.usage,
    );
  }
  try {
    return coresOfWorkers(cpuAffinity, allowedCores(), workers);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new WorkerPoolError('PARSL_POOL_AFFINITY', error.message, PoolExit.usage, { cause: error });
  }
}

/** Cores that this process may run on: a batch system may have given it only some of the host's. */
function allowedCores(): readonly number[] {
  try {
    const line = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line?.[1] !== undefined) return parseCoreList(line[1]);
  } catch {
    // Not Linux; taskset will say so.
  }
  return Array.from({ length: availableParallelism() }, (_, core) => core);
}
