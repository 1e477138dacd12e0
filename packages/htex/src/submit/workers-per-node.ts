import type { NodeResources } from '@parsl-ts/provider';

/** How many workers the pool of one node is going to have, as far as it is known in advance; at least 1. */
export function expectedWorkersPerNode(
  node: NodeResources | undefined,
  limits: {
    readonly coresPerWorker: number;
    readonly memPerWorkerGb: number | undefined;
    readonly maxWorkersPerNode: number | undefined;
    readonly accelerators: readonly string[];
  },
): number {
  const { coresPerWorker, memPerWorkerGb, maxWorkersPerNode, accelerators } = limits;
  const bounds: number[] = [];
  if (node?.cores !== undefined) bounds.push(node.cores / coresPerWorker);
  if (node?.memoryGb !== undefined && memPerWorkerGb !== undefined) {
    bounds.push(node.memoryGb / memPerWorkerGb);
  }
  if (maxWorkersPerNode !== undefined) bounds.push(maxWorkersPerNode);
  if (accelerators.length > 0) bounds.push(accelerators.length);
  return bounds.length === 0 ? 1 : Math.max(1, Math.floor(Math.min(...bounds)));
}
