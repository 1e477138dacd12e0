export { startWorkerPool, type WorkerPool } from './pool/worker-pool.js';
export { type PoolEnd } from './pool/pool-end.js';
export { type WorkerPoolOptions } from './pool/options.js';
export { PoolExit, WorkerPoolError } from './pool-error.js';
export { type CpuAffinity } from './resources/cpu-affinity.js';
