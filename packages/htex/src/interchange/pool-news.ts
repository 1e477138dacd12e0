import type { Registration } from '@parsl-ts/wire';

import type { PoolActivity, PoolJoined, PoolLeft, PoolNews } from '../link/link-protocol.js';
import type { Manager } from './manager.js';

/** Pools in one message: thousands may join or get tasks at once, and what one control message may hold is bounded. */
const POOLS_PER_MESSAGE = 512;

/** Collects what the submit process wants to know of pools, so that it is told now and then and not with each task. */
export class PoolNewsCollector {
  private joined: PoolJoined[] = [];
  private left: PoolLeft[] = [];
  private readonly told = new Map<string, PoolActivity>();

  addJoined(id: string, registration: Registration): void {
    const { blockId, host, pid, workers, cores, memoryGb, node, version } = registration;
    this.joined.push({ id, blockId, host, pid, workers, cores, memoryGb, node, version });
  }

  addLeft(id: string, reason: string, lost: boolean): void {
    this.left.push({ id, reason, lost });
    this.told.delete(id);
  }

  /** Whether something should be told without delay. */
  get isUrgent(): boolean {
    return this.joined.length > 0 || this.left.length > 0;
  }

  /** What is new since the last time, as the messages that tell it. */
  collect(managers: Iterable<Manager>): PoolNews[] {
    const activity: PoolActivity[] = [];
    for (const { id, held, draining, onHold } of managers) {
      const before = this.told.get(id);
      if (before?.tasks === held.size && before.draining === draining && before.onHold === onHold) continue;
      const now = { id, tasks: held.size, draining, onHold };
      this.told.set(id, now);
      activity.push(now);
    }
    const { joined, left } = this;
    this.joined = [];
    this.left = [];
    return inMessages({ joined, activity, left });
  }
}

/** In this order also across messages: who joins, what they do, who goes. */
function inMessages(news: PoolNews): PoolNews[] {
  const { joined, activity, left } = news;
  const all = joined.length + activity.length + left.length;
  if (all === 0) return [];
  if (all <= POOLS_PER_MESSAGE) return [news];
  return [
    ...pieces(joined).map((some) => ({ joined: some, activity: [], left: [] })),
    ...pieces(activity).map((some) => ({ joined: [], activity: some, left: [] })),
    ...pieces(left).map((some) => ({ joined: [], activity: [], left: some })),
  ];
}

function pieces<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / POOLS_PER_MESSAGE) }, (_, index) =>
    all.slice(index * POOLS_PER_MESSAGE, (index + 1) * POOLS_PER_MESSAGE),
  );
}
