import type { Registration } from '@parsl-ts/wire';

import type { PoolActivity, PoolJoined, PoolLeft, PoolNews } from '../link/link-protocol.js';
import type { Manager } from './manager.js';

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

  /** What is new since the last time, or `undefined` if nothing is. */
  collect(managers: Iterable<Manager>): PoolNews | undefined {
    const activity: PoolActivity[] = [];
    for (const { id, held, draining, onHold } of managers) {
      const before = this.told.get(id);
      if (before?.tasks === held.size && before.draining === draining && before.onHold === onHold) continue;
      const now = { id, tasks: held.size, draining, onHold };
      this.told.set(id, now);
      activity.push(now);
    }
    if (activity.length === 0 && !this.isUrgent) return undefined;
    const news = { joined: this.joined, activity, left: this.left };
    this.joined = [];
    this.left = [];
    return news;
  }
}
