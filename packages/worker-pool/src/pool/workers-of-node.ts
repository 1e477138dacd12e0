import { workerCount } from '@parsl-ts/wire';

import { PoolExit, WorkerPoolError } from '../pool-error.js';
import { type NodeResources } from '../resources/node-resources.js';
import { type WorkerPoolOptions } from './options.js';

/**
 * How many workers a pool with these options has on this node.
 *
 * @throws WorkerPoolError when the node is too small for one.
 */
export function workersOfNode(options: WorkerPoolOptions, node: NodeResources): number {
  const count = workerCount(node, {
    coresPerWorker: options.coresPerWorker ?? 1,
    memPerWorkerGb: options.memPerWorkerGb,
    maxWorkersPerNode: options.maxWorkersPerNode,
    accelerators: options.availableAccelerators?.length,
  });
  if (count >= 1) return count;
  throw new WorkerPoolError(
    'PARSL_POOL_TOO_SMALL',
    `this node has ${String(node.cores)} cores and ${node.memoryGb.toFixed(1)} GB of memory, which is not enough for one worker; lower --cores-per-worker or --mem-per-worker-gb`,
    PoolExit.usage,
  );
}
