/** What decides how many workers a node gets. */
export interface WorkerDemand {
  readonly coresPerWorker: number;
  /** In GB; `undefined`: memory is not looked at. */
  readonly memPerWorkerGb: number | undefined;
  readonly maxWorkersPerNode: number | undefined;
  /** Device sets; `undefined` or 0: devices are not looked at. */
  readonly accelerators: number | undefined;
}

/**
 * The workers of a node: the least of what cores, memory (in GB), devices and the limit allow. A pool counts them when it
 * starts, and the submit side in advance, by what it knows of the node: what is not known bounds nothing. May be 0, or
 * infinite.
 */
export function workerCount(
  node: { readonly cores?: number; readonly memoryGb?: number },
  demand: WorkerDemand,
): number {
  const { coresPerWorker, memPerWorkerGb, maxWorkersPerNode, accelerators } = demand;
  return Math.min(
    node.cores === undefined ? Infinity : Math.floor(node.cores / coresPerWorker),
    node.memoryGb === undefined || memPerWorkerGb === undefined
      ? Infinity
      : Math.floor(node.memoryGb / memPerWorkerGb),
    maxWorkersPerNode ?? Infinity,
    accelerators === undefined || accelerators === 0 ? Infinity : accelerators,
  );
}
