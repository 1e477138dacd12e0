import type { NodeResources } from '@parsl-ts/provider';
import { workerCount, type WorkerDemand } from '@parsl-ts/wire';

/** How many workers the pool of one node is going to have, as far as it is known in advance; at least 1. */
export function expectedWorkersPerNode(
  node: NodeResources | undefined,
  limits: Omit<WorkerDemand, 'accelerators'> & { readonly accelerators: readonly string[] },
): number {
  const count = workerCount(node ?? {}, { ...limits, accelerators: limits.accelerators.length });
  return count === Infinity ? 1 : Math.max(1, count);
}
