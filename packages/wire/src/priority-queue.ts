/** So many that have been taken out are cut off, if they are the larger part of a lane. */
const CUT_AFTER = 1024;

/** Items of one priority. The first ones have been taken out already. */
class Lane<T extends object> {
  readonly priority: number;
  private items: (T | undefined)[] = [];
  private taken = 0;

  constructor(priority: number) {
    this.priority = priority;
  }

  get isEmpty(): boolean {
    return this.taken === this.items.length;
  }

  push(item: T): void {
    this.items.push(item);
  }

  peek(): T | undefined {
    return this.items[this.taken];
  }

  shift(): T | undefined {
    const { items, taken } = this;
    const item = items[taken];
    items[taken] = undefined;
    this.taken = taken + 1;
    if (this.taken > CUT_AFTER && this.taken * 2 > items.length) {
      this.items = items.slice(this.taken);
      this.taken = 0;
    }
    return item;
  }

  pop(): T | undefined {
    return this.items.pop();
  }

  /** Puts items before all others, in their order. */
  putBack(items: readonly T[]): void {
    if (items.length > this.taken) {
      this.items = [...items, ...this.items.slice(this.taken)];
      this.taken = 0;
      return;
    }
    this.taken -= items.length;
    for (const [index, item] of items.entries()) this.items[this.taken + index] = item;
  }

  all(): T[] {
    return this.items.filter((item) => item !== undefined);
  }

  replace(items: T[]): void {
    this.items = items;
    this.taken = 0;
  }
}

/**
 * Tasks that wait, as `T`: smaller priorities first, in order of arrival among equals. The order is the same wherever tasks
 * wait for their turn.
 */
export class PriorityQueue<T extends object> {
  private readonly priorityOf: (item: T) => number;
  /** Smallest priority first. None is empty. */
  private lanes: Lane<T>[] = [];
  private count = 0;

  /** @param priorityOf must not change while the item waits */
  constructor(priorityOf: (item: T) => number) {
    this.priorityOf = priorityOf;
  }

  get size(): number {
    return this.count;
  }

  push(item: T): void {
    this.lane(this.priorityOf(item)).push(item);
    this.count++;
  }

  /** Puts items before all others of their priorities, in their order: they had their turn already. */
  putBack(items: readonly T[]): void {
    const byPriority = new Map<number, T[]>();
    for (const item of items) {
      const priority = this.priorityOf(item);
      const same = byPriority.get(priority);
      if (same === undefined) byPriority.set(priority, [item]);
      else same.push(item);
    }
    for (const [priority, same] of byPriority) this.lane(priority).putBack(same);
    this.count += items.length;
  }

  /** The first; it stays. */
  peek(): T | undefined {
    return this.lanes[0]?.peek();
  }

  /** Takes out the first. */
  shift(): T | undefined {
    const lane = this.lanes[0];
    if (lane === undefined) return undefined;
    const item = lane.shift();
    this.count--;
    if (lane.isEmpty) this.lanes.shift();
    return item;
  }

  /** Takes out the last. */
  pop(): T | undefined {
    const lane = this.lanes.at(-1);
    if (lane === undefined) return undefined;
    const item = lane.pop();
    this.count--;
    if (lane.isEmpty) this.lanes.pop();
    return item;
  }

  /** All of them in order; they stay. */
  all(): T[] {
    return this.lanes.flatMap((lane) => lane.all());
  }

  /** Takes out all of them, in order. */
  clear(): T[] {
    const all = this.all();
    this.lanes = [];
    this.count = 0;
    return all;
  }

  /** Takes out every item that `matches`. */
  extract(matches: (item: T) => boolean): T[] {
    const extracted: T[] = [];
    for (const lane of this.lanes) {
      const kept: T[] = [];
      for (const item of lane.all()) (matches(item) ? extracted : kept).push(item);
      lane.replace(kept);
    }
    this.lanes = this.lanes.filter(({ isEmpty }) => !isEmpty);
    this.count -= extracted.length;
    return extracted;
  }

  private lane(priority: number): Lane<T> {
    const last = this.lanes.at(-1);
    if (last?.priority === priority) return last;
    let [from, to] = [0, this.lanes.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const lane = this.lanes[middle];
      if (lane === undefined || lane.priority >= priority) to = middle;
      else from = middle + 1;
    }
    const known = this.lanes[from];
    if (known?.priority === priority) return known;
    const lane = new Lane<T>(priority);
    this.lanes.splice(from, 0, lane);
    return lane;
  }
}
