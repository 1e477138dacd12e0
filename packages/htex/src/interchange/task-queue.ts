import { taskField, type PackedRecord } from '@parsl-ts/wire';

/** Tasks of one priority, in order. Taken from the front; the taken part is cut off now and then. */
class Line {
  private records: PackedRecord[] = [];
  private taken = 0;

  get length(): number {
    return this.records.length - this.taken;
  }

  push(record: PackedRecord): void {
    this.records.push(record);
  }

  shift(): PackedRecord | undefined {
    const record = this.records[this.taken];
    if (record === undefined) return undefined;
    this.taken++;
    if (this.taken > 1024 && this.taken * 2 > this.records.length) {
      this.records = this.records.slice(this.taken);
      this.taken = 0;
    }
    return record;
  }

  unshift(records: readonly PackedRecord[]): void {
    this.records = [...records, ...this.records.slice(this.taken)];
    this.taken = 0;
  }

  remove(isRemoved: (record: PackedRecord) => boolean, removed: PackedRecord[]): void {
    const kept: PackedRecord[] = [];
    for (const record of this.records.slice(this.taken)) (isRemoved(record) ? removed : kept).push(record);
    this.records = kept;
    this.taken = 0;
  }
}

/** Tasks that wait for a manager: smaller priorities first, in order of arrival among equals. */
export class TaskQueue {
  private readonly lines = new Map<number, Line>();
  /** The priorities in `lines`, smallest first. */
  private priorities: number[] = [];
  private waiting = 0;

  get size(): number {
    return this.waiting;
  }

  push(record: PackedRecord): void {
    this.lineOf(taskField.priority(record)).push(record);
    this.waiting++;
  }

  /** Puts tasks before all others of their priorities: they had their turn already. */
  putBack(records: readonly PackedRecord[]): void {
    const byPriority = new Map<number, PackedRecord[]>();
    for (const record of records) {
      const priority = taskField.priority(record);
      const same = byPriority.get(priority);
      if (same === undefined) byPriority.set(priority, [record]);
      else same.push(record);
    }
    for (const [priority, same] of byPriority) this.lineOf(priority).unshift(same);
    this.waiting += records.length;
  }

  shift(): PackedRecord | undefined {
    const priority = this.priorities[0];
    if (priority === undefined) return undefined;
    const line = this.lines.get(priority);
    const record = line?.shift();
    if (record !== undefined) this.waiting--;
    if (line === undefined || line.length === 0) {
      this.lines.delete(priority);
      this.priorities.shift();
    }
    return record;
  }

  /** Takes out every task that `matches`. */
  extract(matches: (record: PackedRecord) => boolean): PackedRecord[] {
    const removed: PackedRecord[] = [];
    for (const line of this.lines.values()) line.remove(matches, removed);
    this.waiting -= removed.length;
    this.priorities = this.priorities.filter((priority) => {
      if (this.lines.get(priority)?.length !== 0) return true;
      this.lines.delete(priority);
      return false;
    });
    return removed;
  }

  private lineOf(priority: number): Line {
    const known = this.lines.get(priority);
    if (known !== undefined) return known;
    const line = new Line();
    this.lines.set(priority, line);
    const after = this.priorities.findIndex((other) => other > priority);
    this.priorities.splice(after === -1 ? this.priorities.length : after, 0, priority);
    return line;
  }
}
