export type { BadNodeOptions } from './bad-node-options.js';
export { ExecutorClosedError, InterchangeLost, InterchangeStartError } from './errors.js';
export { HighThroughputExecutor, type WorkerPoolCommandOptions } from './high-throughput-executor.js';
export type { HighThroughputExecutorOptions } from './htex-options.js';
export type { SelectorName } from './interchange/selector.js';
export type { ConnectedManager } from './submit/connected-manager.js';
export type { WorkerPoolLocation } from './worker-pool-location.js';
