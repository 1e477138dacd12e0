import type { Manager } from './manager.js';
import type { ManagerTable } from './manager-table.js';

/** Which managers get no further tasks, although they are there: what they have not started is to go elsewhere. */
export class ClosedManagers {
  private readonly table: ManagerTable;
  private readonly blocksOnHold = new Set<string>();
  private some = false;

  constructor(table: ManagerTable) {
    this.table = table;
  }

  /** Whether there are any, or were once. */
  get hasSome(): boolean {
    return this.some;
  }

  /** The manager is about to end. */
  drain(manager: Manager): void {
    manager.draining = true;
    this.table.touch(manager);
    this.some = true;
  }

  /** These managers, and all present and future ones of these blocks. */
  hold(ids: readonly string[], blockIds: readonly string[]): void {
    for (const blockId of blockIds) this.blocksOnHold.add(blockId);
    this.some = true;
    for (const manager of this.table.byId.values()) {
      if (ids.includes(manager.id) || this.blocksOnHold.has(manager.registration.blockId)) {
        manager.onHold = true;
        manager.recallAfter = 0;
        this.table.touch(manager);
      }
    }
  }

  /** The manager is new. */
  joined(manager: Manager): void {
    manager.onHold = this.blocksOnHold.has(manager.registration.blockId);
  }
}
