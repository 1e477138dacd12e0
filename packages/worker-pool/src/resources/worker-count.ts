/** What a node has. */
export interface NodeResources {
  readonly cores: number;
  /** In GB. */
  readonly memoryGb: number;
}

/** What decides how many workers a node gets. */
export interface WorkerDemand {
  readonly coresPerWorker: number;
  /** In GB; `undefined`: memory is not looked at. */
  readonly memPerWorkerGb: number | undefined;
  readonly maxWorkersPerNode: number | undefined;
  /** Device sets; `undefined` or 0: devices are not looked at. */
  readonly accelerators: number | undefined;
}

/** The workers of a node: the least of what cores, memory, devices and the limit allow. May be 0. */
export function workerCount(node: NodeResources, demand: WorkerDemand): number {
  const bounds = [
    Math.floor(node.cores / demand.coresPerWorker),
    demand.memPerWorkerGb === undefined ? Infinity : Math.floor(node.memoryGb / demand.memPerWorkerGb),
    demand.maxWorkersPerNode ?? Infinity,
    demand.accelerators === undefined || demand.accelerators === 0 ? Infinity : demand.accelerators,
  ];
  return Math.min(...bounds);
}
