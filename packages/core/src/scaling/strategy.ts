import type { BlockLimits } from '@parsl-ts/provider';

/**
 * When blocks are added and given back.
 *
 * - `none`: the first blocks, and `min` kept; nothing else
 * - `simple`: blocks are added while tasks need them, and given back when there have been no tasks for a while
 * - `htex-auto-scale`: the same, and single blocks that have been idle for a while are given back as a run tails off
 */
export type ScalingStrategy = 'none' | 'simple' | 'htex-auto-scale';

/** What a strategy decides on. */
export interface ScalingNumbers {
  /** Tasks submitted and not settled. */
  readonly tasks: number;
  /** Blocks that run tasks or will: being submitted, waiting in the queue, running. */
  readonly blocks: number;
  /** Those, and the ones that hold resources without running tasks: held by the scheduler, being given back. */
  readonly occupied: number;
  /** Worker slots of one block; at least 1. */
  readonly slotsPerBlock: number;
  readonly limits: BlockLimits;
}

/** Against products such as 70 × 0.1 that come out a little too large. */
const ROUNDING = 1e-9;

/**
 * How many blocks to add (above 0) or how many could be given back (below 0) once they have been idle long enough. Never
 * leads to more than `limits.max` blocks or to fewer than `limits.min`.
 */
export function blocksWanted(strategy: ScalingStrategy, numbers: ScalingNumbers): number {
  const { blocks, occupied, limits } = numbers;
  const change = Math.max(strategy === 'none' ? 0 : changeForTasks(strategy, numbers), limits.min - blocks);
  return change > 0 ? Math.max(0, Math.min(change, limits.max - occupied)) : change;
}

function changeForTasks(strategy: 'simple' | 'htex-auto-scale', numbers: ScalingNumbers): number {
  const { tasks, blocks, slotsPerBlock, limits } = numbers;
  const slots = blocks * slotsPerBlock;
  const slotsNeeded = tasks * limits.parallelism - ROUNDING;
  if (tasks === 0) {
    return 0 - blocks;
  }
  if (slots === 0) {
    return Math.max(1, Math.ceil(slotsNeeded / slotsPerBlock));
  }
  if (slotsNeeded > slots) {
    return Math.ceil((slotsNeeded - slots) / slotsPerBlock);
  }
  const spare = Math.floor(Math.floor(slots - slotsNeeded) / slotsPerBlock);
  // With a parallelism of 0 every block is to spare, but the tasks need one.
  return strategy === 'htex-auto-scale' ? 0 - Math.min(spare, blocks - 1) : 0;
}
