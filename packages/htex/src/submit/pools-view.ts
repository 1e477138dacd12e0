import { performance } from 'node:perf_hooks';

import type { BlockActivity } from '@parsl-ts/core';

import type { PoolNews } from '../link/link-protocol.js';
import type { ConnectedManager } from './connected-manager.js';
import { PoolSums } from './pool-sums.js';

/** What the submit process knows of the worker pools. News of one pool costs the same however many there are. */
export class PoolsView {
  private readonly pools = new Map<string, ConnectedManager>();
  private readonly sums: PoolSums;
  private readonly listeners = new Set<() => void>();
  private readonly waiters = new Set<() => boolean>();
  /** Why pools are held on which tasks fail, by id, also of those that were lost and may come back. */
  private readonly reasons = new Map<string, string>();
  private lacksTime = false;

  constructor(now: () => number = () => performance.now()) {
    this.sums = new PoolSums(now);
  }

  get managers(): ConnectedManager[] {
    return [...this.pools.values()];
  }

  get blockIds(): string[] {
    return this.sums.blockIds;
  }

  /** Blocks of which no pool gets tasks. */
  get closedBlocks(): ReadonlyMap<string, 'draining' | 'held'> {
    return this.sums.closedBlocks;
  }

  /** Workers of all pools that get tasks. */
  get workers(): number {
    return this.sums.openWorkers;
  }

  /** Workers of the largest pool. */
  get workersPerPool(): number {
    return this.sums.largestPool;
  }

  apply(news: PoolNews): void {
    for (const joined of news.joined) {
      const onHoldBecause = this.reasons.get(joined.id);
      this.set(joined.id, { ...joined, tasks: 0, draining: false, onHold: false, onHoldBecause });
    }
    for (const activity of news.activity) {
      const pool = this.pools.get(activity.id);
      if (pool !== undefined) this.set(activity.id, { ...pool, ...activity });
    }
    for (const { id, lost } of news.left) {
      this.set(id, undefined);
      if (!lost) this.reasons.delete(id);
    }
    this.tell(news.joined.length > 0 || news.left.length > 0);
  }

  /** Whether tasks wait for which no pool has time enough. */
  get needsFreshBlock(): boolean {
    return this.lacksTime;
  }

  set needsFreshBlock(isTrue: boolean) {
    if (this.lacksTime === isTrue) return;
    this.lacksTime = isTrue;
    this.tell(true);
  }

  /** A pool is held, and why. */
  held(id: string, because: string): void {
    this.reasons.set(id, because);
    const pool = this.pools.get(id);
    if (pool === undefined) return;
    this.set(id, { ...pool, onHold: true, onHoldBecause: because });
    this.tell(false);
  }

  activity(): ReadonlyMap<string, BlockActivity> {
    return this.sums.activity();
  }

  onActivity(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Resolves when no pool of these blocks holds a task. */
  idle(blockIds: ReadonlySet<string>): Promise<void> {
    return new Promise((resolve) => {
      const isIdle = () => {
        for (const blockId of blockIds) if (this.sums.isBusy(blockId)) return false;
        resolve();
        return true;
      };
      if (!isIdle()) this.waiters.add(isIdle);
    });
  }

  /** Nobody is connected any more. */
  clear(): void {
    const left = this.managers.map(({ id }) => ({ id, reason: 'the executor has ended', lost: false }));
    this.apply({ joined: [], activity: [], left });
  }

  private tell(inAnyCase: boolean): void {
    const tell = this.sums.noteChanges() || inAnyCase;
    for (const waiter of [...this.waiters]) if (waiter()) this.waiters.delete(waiter);
    if (tell) for (const listener of [...this.listeners]) listener();
  }

  /** `undefined`: it is gone. */
  private set(id: string, pool: ConnectedManager | undefined): void {
    const before = this.pools.get(id);
    if (before !== undefined) this.sums.subtract(before);
    if (pool === undefined) {
      this.pools.delete(id);
    } else {
      this.sums.add(pool);
      this.pools.set(id, pool);
    }
  }
}
