import { PriorityLane } from './priority-lane.js';

/** So many that have been removed from between others may leave gaps in any case. */
const MANY_GAPS = 1024;
/** When so many, and as many as wait, have come since one was removed, it is not worth it any more to be ready for the next. */
const MANY_PUSHED = 1024;

/** Where an item waits. */
interface Place<T extends object> {
  readonly lane: PriorityLane<T>;
  readonly at: number;
}

/**
 * Tasks that wait, as `T`: smaller priorities first, in order of arrival among equals. The order is the same wherever tasks
 * wait for their turn.
 */
export class PriorityQueue<T extends object> {
  private readonly priorityOf: (item: T) => number;
  private readonly nameOf: (item: T) => number;
  /** Smallest priority first. The first and the last are not empty. */
  private lanes: PriorityLane<T>[] = [];
  private count = 0;
  /** By name, for a while after one was to be removed: they cost every task something. */
  private places: Map<number, Place<T>> | undefined;
  /** How many have been removed since there were no gaps for certain. */
  private removed = 0;
  /** How many have come since one was to be removed. */
  private pushed = 0;

  /**
   * Neither the priority nor the name of an item must change while it waits.
   *
   * @param nameOf a number that no other item has which waits
   */
  constructor(priorityOf: (item: T) => number, nameOf: (item: T) => number) {
    this.priorityOf = priorityOf;
    this.nameOf = nameOf;
  }

  get size(): number {
    return this.count;
  }

  push(item: T): void {
    const lane = this.lane(this.priorityOf(item));
    const at = lane.push(item);
    this.count++;
    if (this.places === undefined) return;
    this.places.set(this.nameOf(item), { lane, at });
    if (++this.pushed > MANY_PUSHED && this.pushed > this.count) this.places = undefined;
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
    for (const [priority, same] of byPriority) {
      const lane = this.lane(priority);
      const first = lane.putBack(same);
      if (this.places === undefined) continue;
      for (const [index, item] of same.entries()) {
        this.places.set(this.nameOf(item), { lane, at: first + index });
      }
    }
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
    this.tookOut(lane, item);
    return item;
  }

  /** Takes out the last. */
  pop(): T | undefined {
    const lane = this.lanes.at(-1);
    if (lane === undefined) return undefined;
    const item = lane.pop();
    this.tookOut(lane, item);
    return item;
  }

  /**
   * Takes out the item of this name. Takes constant time, spread over all that have come and all that are removed; nothing
   * of the item is kept.
   *
   * @returns `undefined`: it does not wait
   */
  remove(name: number): T | undefined {
    if (this.count === 0) return undefined;
    this.pushed = 0;
    this.places ??= this.findPlaces();
    const place = this.places.get(name);
    if (place === undefined) return undefined;
    const item = place.lane.removeAt(place.at);
    this.removed++;
    this.tookOut(place.lane, item);
    // Closes the gaps.
    if (this.removed > MANY_GAPS && this.removed > this.count) this.extract(() => false);
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
    this.forgetPlaces();
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
    this.forgetPlaces();
    return extracted;
  }

  private tookOut(lane: PriorityLane<T>, item: T | undefined): void {
    this.count--;
    if (this.places !== undefined && item !== undefined) this.places.delete(this.nameOf(item));
    if (!lane.isEmpty) return;
    while (this.lanes[0]?.isEmpty === true) this.lanes.shift();
    while (this.lanes.at(-1)?.isEmpty === true) this.lanes.pop();
    if (this.count === 0) this.forgetPlaces();
  }

  private findPlaces(): Map<number, Place<T>> {
    const places = new Map<number, Place<T>>();
    for (const lane of this.lanes) {
      for (const [at, item] of lane.entries()) places.set(this.nameOf(item), { lane, at });
    }
    return places;
  }

  /** Nothing waits, or there are no gaps any more and places have changed. */
  private forgetPlaces(): void {
    this.places = undefined;
    this.removed = 0;
  }

  private lane(priority: number): PriorityLane<T> {
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
    const lane = new PriorityLane<T>(priority);
    this.lanes.splice(from, 0, lane);
    return lane;
  }
}
