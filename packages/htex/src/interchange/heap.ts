/** What can be in a {@link Heap}. */
export interface HeapItem {
  /** Where it is in its heap; -1 outside. Only the heap changes it. */
  place: number;
}

/**
 * Keeps items so that the first one is known, and so that one can be added, moved or removed at the price of a few
 * comparisons, however many there are.
 */
export class Heap<T extends HeapItem> {
  private readonly items: T[] = [];
  private readonly before: (a: T, b: T) => boolean;

  /** @param before Whether `a` comes before `b`. What it goes by may change only together with a {@link put}. */
  constructor(before: (a: T, b: T) => boolean) {
    this.before = before;
  }

  get size(): number {
    return this.items.length;
  }

  get first(): T | undefined {
    return this.items[0];
  }

  /** In no particular order. */
  [Symbol.iterator](): Iterator<T> {
    return this.items[Symbol.iterator]();
  }

  has(item: T): boolean {
    return this.items[item.place] === item;
  }

  /** Adds the item, or moves it to where it belongs now. */
  put(item: T): void {
    if (!this.has(item)) {
      item.place = this.items.length;
      this.items.push(item);
    }
    this.settle(item);
  }

  /** Does nothing with an item that is not in this heap. */
  remove(item: T): void {
    if (!this.has(item)) return;
    const { place } = item;
    const last = this.items.pop();
    item.place = -1;
    if (last === undefined || last === item) return;
    last.place = place;
    this.items[place] = last;
    this.settle(last);
  }

  private settle(item: T): void {
    const { place } = item;
    this.rise(item);
    if (item.place === place) this.sink(item);
  }

  private rise(item: T): void {
    while (item.place > 0) {
      const parent = this.items[(item.place - 1) >> 1];
      if (parent === undefined || !this.before(item, parent)) return;
      this.swap(item, parent);
    }
  }

  private sink(item: T): void {
    for (;;) {
      const left = this.items[2 * item.place + 1];
      if (left === undefined) return;
      const right = this.items[2 * item.place + 2];
      const child = right !== undefined && this.before(right, left) ? right : left;
      if (!this.before(child, item)) return;
      this.swap(item, child);
    }
  }

  private swap(a: T, b: T): void {
    const { place } = a;
    a.place = b.place;
    b.place = place;
    this.items[a.place] = a;
    this.items[b.place] = b;
  }
}
