import type { Block } from './block.js';
import { noneDue, type Due } from './due.js';

/** Which blocks are to spare, and when they go. Blocks that are picked are draining from then on. */
export class GivingBack {
  readonly #maxIdleTimeMs: number;
  /** Since when there are blocks to spare, in ms; `undefined`: there are none. */
  #spareSince: number | undefined;

  /** @param maxIdleTimeMs how long blocks are idle before they are given back, in ms */
  constructor(maxIdleTimeMs: number) {
    this.#maxIdleTimeMs = maxIdleTimeMs;
  }

  /** Whether there are blocks to spare, so that it matters soon what the pools do. */
  get isPending(): boolean {
    return this.#spareSince !== undefined;
  }

  /** No block is to spare. */
  noneSpare(): void {
    this.#spareSince = undefined;
  }

  /**
   * Picks blocks to give back: those without a pool first, since nothing is lost with them, then the longest idle.
   *
   * @param spare so many are to spare
   * @param tasks tasks submitted and not settled
   */
  spare(blocks: Iterable<Block>, spare: number, tasks: number, now: number): Due<string> {
    this.#spareSince ??= now;
    const idle: { block: Block; dueAt: number }[] = [];
    for (const block of blocks) {
      const since = block.phase === 'live' ? idleSince(block, tasks, this.#spareSince) : undefined;
      if (since !== undefined) {
        idle.push({ block, dueAt: since + this.#maxIdleTimeMs });
      }
    }
    idle.sort((a, b) => Number(a.block.registered) - Number(b.block.registered) || a.dueAt - b.dueAt);
    const found = noneDue<string>();
    for (const { block, dueAt } of idle.slice(0, spare)) {
      if (dueAt <= now) {
        found.due.push(block.giveBack());
      } else {
        found.nextAt = Math.min(found.nextAt, dueAt);
      }
    }
    return found;
  }
}

/** Gives back blocks on which nothing would ever run again. */
export function giveBackHeld(blocks: Iterable<Block>): string[] {
  const due: string[] = [];
  for (const block of blocks) {
    if (block.phase === 'live' && block.closed === 'held') {
      due.push(block.giveBack());
    }
  }
  return due;
}

/** Gives back the block that has been idle longest, if none is on its way out, so that another one gets its place. */
export function makeRoom(blocks: Iterable<Block>): string[] {
  let idlest: Block | undefined;
  for (const block of blocks) {
    if (block.phase === 'draining' || block.phase === 'cancelling' || block.closed === 'draining') {
      return [];
    }
    const since = block.phase === 'live' && block.registered ? block.activity?.idleSince : undefined;
    if (since !== undefined && since < (idlest?.activity?.idleSince ?? Infinity)) {
      idlest = block;
    }
  }
  return idlest === undefined ? [] : [idlest.giveBack()];
}

/**
 * Since when a block has had nothing to do; `undefined` while it has. One without a pool counts from the moment at which
 * there were blocks to spare, so that a short lull does not cost a place in the queue.
 */
function idleSince(block: Block, tasks: number, spareSince: number): number | undefined {
  const { activity } = block;
  if (activity === undefined || activity.managers === 0) {
    return spareSince;
  }
  if (activity.tasks > 0) {
    return undefined;
  }
  if (tasks === 0) {
    return Math.max(activity.idleSince ?? spareSince, spareSince);
  }
  return activity.idleSince;
}
