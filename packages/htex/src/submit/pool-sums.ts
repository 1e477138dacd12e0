import type { BlockActivity } from '@parsl-ts/core';

import type { ConnectedManager } from './connected-manager.js';

/** The sum of the pools of one block. */
interface Block {
  managers: number;
  workers: number;
  tasks: number;
  /** Pools that get tasks. */
  open: number;
  /** Pools that get none, and do not end by themselves either. */
  held: number;
  idleSince: number | undefined;
}

/** Sums over worker pools, kept up to date with each that is added or taken away. */
export class PoolSums {
  private readonly now: () => number;
  private readonly byBlock = new Map<string, Block>();
  /** Blocks with changes that have not been looked at. */
  private readonly touched = new Set<string>();
  /** How many pools have so many workers. */
  private readonly sizes = new Map<number, number>();
  private open = 0;
  private readonly closed = new Map<string, 'draining' | 'held'>();

  constructor(now: () => number) {
    this.now = now;
  }

  /** Workers of all pools that get tasks. */
  get openWorkers(): number {
    return this.open;
  }

  /** Workers of the largest pool; 0 without pools. */
  get largestPool(): number {
    return Math.max(0, ...this.sizes.keys());
  }

  get blockIds(): string[] {
    return [...this.byBlock.keys()];
  }

  add(pool: ConnectedManager): void {
    this.count(pool, 1);
  }

  /** @param pool as it was added */
  subtract(pool: ConnectedManager): void {
    this.count(pool, -1);
  }

  /** Blocks of which no pool gets tasks. As of the last {@link noteChanges}. */
  get closedBlocks(): ReadonlyMap<string, 'draining' | 'held'> {
    return this.closed;
  }

  /** Looks at the blocks that have changed. Tells whether one of them has become idle, or closed. */
  noteChanges(): boolean {
    let worthTelling = false;
    for (const blockId of this.touched) {
      const block = this.byBlock.get(blockId);
      if (block === undefined) continue;
      if (this.noteClosed(blockId, block)) worthTelling = true;
      if (block.managers === 0) this.byBlock.delete(blockId);
      else if (block.tasks > 0) block.idleSince = undefined;
      else if (block.idleSince === undefined) {
        block.idleSince = this.now();
        worthTelling = true;
      }
    }
    this.touched.clear();
    return worthTelling;
  }

  isBusy(blockId: string): boolean {
    return (this.byBlock.get(blockId)?.tasks ?? 0) > 0;
  }

  activity(): ReadonlyMap<string, BlockActivity> {
    return new Map(
      Array.from(this.byBlock, ([blockId, { managers, workers, tasks, idleSince }]) => [
        blockId,
        { managers, workers, tasks, idleSince },
      ]),
    );
  }

  /** Tells whether the block has become closed. */
  private noteClosed(blockId: string, { managers, open, held }: Block): boolean {
    if (managers === 0 || open > 0) {
      this.closed.delete(blockId);
      return false;
    }
    const why = held > 0 ? 'held' : 'draining';
    const isNews = this.closed.get(blockId) !== why;
    this.closed.set(blockId, why);
    return isNews;
  }

  private count({ blockId, workers, tasks, draining, onHold }: ConnectedManager, times: 1 | -1): void {
    const block = this.byBlock.get(blockId) ?? newBlock();
    block.managers += times;
    block.workers += times * workers;
    block.tasks += times * tasks;
    this.byBlock.set(blockId, block);
    this.touched.add(blockId);
    if (!draining && onHold) block.held += times;
    if (!draining && !onHold) {
      block.open += times;
      this.open += times * workers;
    }
    const same = (this.sizes.get(workers) ?? 0) + times;
    if (same === 0) this.sizes.delete(workers);
    else this.sizes.set(workers, same);
  }
}

function newBlock(): Block {
  return { managers: 0, workers: 0, tasks: 0, open: 0, held: 0, idleSince: undefined };
}
