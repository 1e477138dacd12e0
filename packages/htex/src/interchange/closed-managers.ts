import type { Manager } from './manager.js';
import type { ManagerTable } from './manager-table.js';

/** With more managers on hold, of those that are not there the ones that were held first are forgotten. */
const MOST_REMEMBERED = 2 ** 16;

/** Which managers get no further tasks, although they are there: what they have not started is to go elsewhere. */
export class ClosedManagers {
  private readonly table: ManagerTable;
  private readonly blocksOnHold = new Set<string>();
  /** By id, also of those that are not there: who was lost may come back, and an interchange is told before they come. */
  private readonly onHold = new Set<string>();
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
    for (const id of ids) this.onHold.add(id);
    this.some = true;
    for (const manager of this.table.byId.values()) {
      if (manager.onHold || !this.isOnHold(manager)) continue;
      manager.onHold = true;
      manager.recallAfter = 0;
      this.table.touch(manager);
    }
    this.forgetSome();
  }

  /** The manager is new, or back after it was lost. */
  joined(manager: Manager): void {
    manager.onHold = this.isOnHold(manager);
  }

  /** The manager has ended, and does not come back. */
  ended({ id }: Manager): void {
    this.onHold.delete(id);
  }

  private isOnHold({ id, registration }: Manager): boolean {
    return this.onHold.has(id) || this.blocksOnHold.has(registration.blockId);
  }

  private forgetSome(): void {
    for (const id of this.onHold) {
      if (this.onHold.size <= MOST_REMEMBERED) return;
      if (!this.table.byId.has(id)) this.onHold.delete(id);
    }
  }
}
