import { type PoolKeys } from '@parsl-ts/wire';

import { type CpuAffinity } from '../resources/cpu-affinity.js';

/** What `startWorkerPool` takes. */
export interface WorkerPoolOptions {
  /** Addresses of the interchange, `tcp://host:port`; the first that answers is used. */
  readonly addresses: readonly string[];
  /** CURVE keys of the run; leave out for an interchange that does not encrypt. */
  readonly keys?: PoolKeys;
  /** Block that the pool belongs to. @default 'manual' */
  readonly blockId?: string;
  /** Cores for each worker; less than 1 puts several workers on a core. @default 1 */
  readonly coresPerWorker?: number;
  /** Memory for each worker, in GB; also bounds its JavaScript heap. @default not looked at */
  readonly memPerWorkerGb?: number;
  /** At most so many workers. @default no limit */
  readonly maxWorkersPerNode?: number;
  /** Tasks to hold ready beyond one per worker. @default as many as their runtimes suggest */
  readonly prefetchCapacity?: number;
  /** How often to tell the interchange that the pool is there, in ms. @default 30_000 */
  readonly heartbeatPeriodMs?: number;
  /** After how much silence the interchange is taken for lost, in ms. @default 120_000 */
  readonly heartbeatThresholdMs?: number;
  /** After how long to take no more tasks and to end when the last is done, in ms. @default never */
  readonly drainPeriodMs?: number;
  /**
   * How long the pool may run from its start, in ms, since whatever started it ends it then. Not looked at where the
   * environment says in `PARSL_BLOCK_END` when that is; `SLURM_JOB_END_TIME` is heeded in any case. @default no limit
   */
  readonly walltimeMs?: number;
  /**
   * How long before that it takes no more tasks, hands back those that have not started and ends when the last is done,
   * in ms. @default a tenth of the time that is left at its start, at most 5 minutes
   */
  readonly drainBeforeEndMs?: number;
  /** How workers are bound to cores. @default 'none' */
  readonly cpuAffinity?: CpuAffinity;
  /**
   * One set of devices per worker, as in `CUDA_VISIBLE_DEVICES`; there are not more workers than sets. Where that is set for
   * the pool, numbers count among its devices: 0 is the first of them. @default none
   */
  readonly availableAccelerators?: readonly string[];
  /** How long to look for the interchange, in ms. @default 30_000 */
  readonly addressProbeTimeoutMs?: number;
  /** Where logs go. @default problems to standard error, workers' output to this process's own */
  readonly logDir?: string;
  /** Where a directory for functions is made, removed at the end. @default the system's directory for temporary files */
  readonly scratchDir?: string;
}
