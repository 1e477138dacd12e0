import { performance } from 'node:perf_hooks';

import type { BlockActivity } from '@parsl-ts/core';

import type { PoolJoined, PoolNews } from '../link/link-protocol.js';

/** A worker pool that is registered. */
export interface ConnectedManager extends PoolJoined {
  /** Tasks that it holds, running or waiting; up to 50 ms old. */
  readonly tasks: number;
  /** It ends when it has finished what it holds. */
  readonly draining: boolean;
  /** It gets no further tasks, by `holdManager` or because its block is given back. */
  readonly onHold: boolean;
}

/** What the submit process knows of the worker pools. */
export class PoolsView {
  private readonly pools = new Map<string, ConnectedManager>();
  private readonly idleSince = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  private readonly waiters = new Set<() => boolean>();
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  get managers(): ConnectedManager[] {
    return [...this.pools.values()];
  }

  get blockIds(): string[] {
    return [...new Set(this.managers.map(({ blockId }) => blockId))];
  }

  /** Workers of all pools that get tasks. */
  get workers(): number {
    let workers = 0;
    for (const pool of this.pools.values()) if (!pool.draining && !pool.onHold) workers += pool.workers;
    return workers;
  }

  /** Workers of the largest pool. */
  get workersPerPool(): number {
    let workers = 0;
    for (const pool of this.pools.values()) workers = Math.max(workers, pool.workers);
    return workers;
  }

  apply(news: PoolNews): void {
    let tell = news.joined.length > 0 || news.left.length > 0;
    for (const joined of news.joined) {
      this.pools.set(joined.id, { ...joined, tasks: 0, draining: false, onHold: false });
    }
    for (const activity of news.activity) {
      const pool = this.pools.get(activity.id);
      if (pool !== undefined) this.pools.set(activity.id, { ...pool, ...activity });
    }
    for (const { id } of news.left) this.pools.delete(id);
    if (this.noteIdleBlocks()) tell = true;
    for (const waiter of [...this.waiters]) if (waiter()) this.waiters.delete(waiter);
    if (tell) for (const listener of [...this.listeners]) listener();
  }

  activity(): ReadonlyMap<string, BlockActivity> {
    const blocks = new Map<string, BlockActivity>();
    for (const { blockId, workers, tasks } of this.pools.values()) {
      const block = blocks.get(blockId);
      blocks.set(blockId, {
        managers: (block?.managers ?? 0) + 1,
        workers: (block?.workers ?? 0) + workers,
        tasks: (block?.tasks ?? 0) + tasks,
        idleSince: this.idleSince.get(blockId),
      });
    }
    return blocks;
  }

  onActivity(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Resolves when no pool of these blocks holds a task. */
  idle(blockIds: ReadonlySet<string>): Promise<void> {
    return new Promise((resolve) => {
      const isIdle = () => {
        if (this.managers.some(({ blockId, tasks }) => tasks > 0 && blockIds.has(blockId))) return false;
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

  /** Tells whether a block has become idle. */
  private noteIdleBlocks(): boolean {
    const tasks = new Map<string, number>();
    for (const pool of this.pools.values()) {
      tasks.set(pool.blockId, (tasks.get(pool.blockId) ?? 0) + pool.tasks);
    }
    let becameIdle = false;
    for (const blockId of [...this.idleSince.keys()]) {
      if (tasks.get(blockId) !== 0) this.idleSince.delete(blockId);
    }
    for (const [blockId, count] of tasks) {
      if (count > 0 || this.idleSince.has(blockId)) continue;
      this.idleSince.set(blockId, this.now());
      becameIdle = true;
    }
    return becameIdle;
  }
}
