import { Heap, type HeapItem } from './heap.js';
import type { Manager } from './manager.js';

/** What a manager has to give back, as of when it was last looked at. */
export interface Stock extends HeapItem {
  readonly manager: Manager;
  /** Tasks. */
  excess: number;
  /** Not to be asked before, in ms. */
  askAfter: number;
}

/** Who has tasks that others could run instead. Managers that have none cost nothing. */
export class Stocks {
  /** May be asked, those with the most first. */
  private readonly full = new Heap<Stock>((a, b) => a.excess > b.excess);
  /** Are to be asked for everything: they get no more tasks. */
  private readonly ending = new Heap<Stock>((a, b) => a.excess > b.excess);
  /** Had nothing to give the last time. */
  private readonly resting = new Heap<Stock>((a, b) => a.askAfter < b.askAfter);

  /** Notes what the manager has now. */
  assess(stock: Stock): void {
    const { manager } = stock;
    const heap = this.heapFor(manager);
    if (heap === undefined && stock.place === -1) return;
    for (const other of [this.full, this.ending, this.resting]) if (other !== heap) other.remove(stock);
    stock.excess = manager.excess;
    stock.askAfter = manager.recallAfter;
    heap?.put(stock);
  }

  /** The manager is gone. */
  remove(stock: Stock): void {
    this.full.remove(stock);
    this.ending.remove(stock);
    this.resting.remove(stock);
  }

  /** Takes out a manager that gets no more tasks and has some to give back. */
  takeEnding(): Stock | undefined {
    return take(this.ending);
  }

  /** Takes out the manager that has the most to give. */
  takeFullest(): Stock | undefined {
    return take(this.full);
  }

  /** Lets those be asked again who have been left alone for long enough. */
  wake(now: number): void {
    for (
      let next = this.resting.first;
      next !== undefined && next.askAfter <= now;
      next = this.resting.first
    ) {
      next.manager.recallAfter = 0;
      this.assess(next);
    }
  }

  /** When {@link wake} has something to do, in ms, or `undefined`. */
  get wakeAt(): number | undefined {
    return this.resting.first?.askAfter;
  }

  private heapFor(manager: Manager): Heap<Stock> | undefined {
    if (manager.excess === 0 || manager.recalling) return undefined;
    if (manager.recallAfter > 0) return this.resting;
    return manager.draining || manager.onHold ? this.ending : this.full;
  }
}

function take(heap: Heap<Stock>): Stock | undefined {
  const { first } = heap;
  if (first !== undefined) heap.remove(first);
  return first;
}
