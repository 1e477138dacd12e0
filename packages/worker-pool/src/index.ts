export { startWorkerPool, type PoolEnd, type WorkerPool } from './pool/worker-pool.js';
export { type WorkerPoolOptions } from './pool/options.js';
export { PoolExit, WorkerPoolError } from './pool-error.js';
export { type CpuAffinity } from './resources/cpu-affinity.js';
