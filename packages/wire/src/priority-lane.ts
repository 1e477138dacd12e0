/** So many that have been taken out are cut off, if they are the larger part of a lane. */
const CUT_AFTER = 1024;

/**
 * Items of one priority, in order. Each has a place, a number, which stays the same until {@link replace}. What has been
 * taken out of the middle leaves a gap; the first and the last one are none.
 */
export class PriorityLane<T extends object> {
  readonly priority: number;
  private items: (T | undefined)[] = [];
  /** So many at the beginning have been taken out already. */
  private taken = 0;
  /** The place of the first of `items`. */
  private firstPlace = 0;

  constructor(priority: number) {
    this.priority = priority;
  }

  get isEmpty(): boolean {
    return this.taken === this.items.length;
  }

  /** @returns its place */
  push(item: T): number {
    return this.firstPlace + this.items.push(item) - 1;
  }

  peek(): T | undefined {
    return this.items[this.taken];
  }

  shift(): T | undefined {
    const item = this.items[this.taken];
    this.items[this.taken] = undefined;
    this.taken++;
    this.skipGaps();
    const { items, taken } = this;
    if (taken > CUT_AFTER && taken * 2 > items.length) {
      this.items = items.slice(taken);
      this.firstPlace += taken;
      this.taken = 0;
    }
    return item;
  }

  pop(): T | undefined {
    const item = this.items.pop();
    this.dropGaps();
    return item;
  }

  /** Takes out what is at this place. */
  removeAt(place: number): T | undefined {
    const index = place - this.firstPlace;
    const item = this.items[index];
    this.items[index] = undefined;
    this.skipGaps();
    this.dropGaps();
    return item;
  }

  /**
   * Puts items before all others, in their order.
   *
   * @returns the place of the first; those of the others follow it
   */
  putBack(items: readonly T[]): number {
    if (items.length > this.taken) {
      this.items = [...items, ...this.items.slice(this.taken)];
      this.firstPlace += this.taken - items.length;
      this.taken = 0;
    } else {
      this.taken -= items.length;
      for (const [index, item] of items.entries()) this.items[this.taken + index] = item;
    }
    return this.firstPlace + this.taken;
  }

  /** All items in order, with their places. */
  *entries(): Generator<[place: number, item: T]> {
    for (const [index, item] of this.items.entries()) {
      if (item !== undefined) yield [this.firstPlace + index, item];
    }
  }

  all(): T[] {
    return this.items.filter((item) => item !== undefined);
  }

  /** These instead, without any gap; places begin anew. */
  replace(items: T[]): void {
    this.items = items;
    this.taken = 0;
    this.firstPlace = 0;
  }

  private skipGaps(): void {
    while (this.taken < this.items.length && this.items[this.taken] === undefined) this.taken++;
  }

  private dropGaps(): void {
    while (this.taken < this.items.length && this.items.at(-1) === undefined) this.items.pop();
  }
}
