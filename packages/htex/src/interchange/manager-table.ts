import { Heap } from './heap.js';
import type { Manager } from './manager.js';
import { takePlace, type Selector, type Standing } from './selector.js';
import { Stocks, type Stock } from './stocks.js';

/** A manager, and what is noted of it. */
interface Entry {
  readonly standing: Standing;
  readonly stock: Stock;
  /** What it adds to the sums. */
  idleWorkers: number;
  held: number;
}

/**
 * The registered managers, and who among them wants tasks, has some to give, has changed. Whoever changes a manager says
 * so ({@link ManagerTable.touch}), and only those are looked at ({@link ManagerTable.settle}): with thousands of managers,
 * an event costs no more than with two.
 */
export class ManagerTable {
  /** Those that want tasks, in the selector's order. */
  readonly wanting: Heap<Standing>;
  readonly stocks = new Stocks();
  private readonly selector: Selector;
  private readonly managers = new Map<string, Manager>();
  private readonly entries = new Map<Manager, Entry>();
  private readonly touched = new Set<Manager>();
  private lastTouched: Manager | undefined;
  private changed = new Set<Manager>();
  private idle = 0;
  private allHeld = 0;
  private allWorkers = 0;

  constructor(selector: Selector) {
    this.selector = selector;
    this.wanting = new Heap((a, b) => selector.before(a, b));
  }

  get byId(): ReadonlyMap<string, Manager> {
    return this.managers;
  }

  /** Tasks that managers which may get tasks could run at once if they had them. As of the last {@link settle}. */
  get idleWorkers(): number {
    return this.idle;
  }

  /** Tasks that all managers hold. As of the last {@link settle}. */
  get held(): number {
    return this.allHeld;
  }

  /** Workers of all managers. */
  get workers(): number {
    return this.allWorkers;
  }

  get(id: string): Manager | undefined {
    return this.managers.get(id);
  }

  add(manager: Manager): void {
    this.managers.set(manager.id, manager);
    this.entries.set(manager, {
      standing: { manager, rank: 0, turn: 0, place: -1 },
      stock: { manager, excess: 0, askAfter: 0, place: -1 },
      ...{ idleWorkers: 0, held: 0 },
    });
    this.allWorkers += manager.workers;
    this.touch(manager);
  }

  delete(manager: Manager): void {
    const entry = this.entries.get(manager);
    if (entry === undefined) return;
    this.managers.delete(manager.id);
    this.entries.delete(manager);
    this.touched.delete(manager);
    this.changed.delete(manager);
    this.lastTouched = undefined;
    this.wanting.remove(entry.standing);
    this.stocks.remove(entry.stock);
    this.idle -= entry.idleWorkers;
    this.allHeld -= entry.held;
    this.allWorkers -= manager.workers;
  }

  /** Something about the manager has changed, or is about to before the next {@link settle}. */
  touch(manager: Manager): void {
    // Results come many at a time from one manager.
    if (manager === this.lastTouched) return;
    this.lastTouched = manager;
    this.touched.add(manager);
  }

  /** Looks at the managers that have been touched. */
  settle(): void {
    if (this.touched.size === 0) return;
    for (const manager of this.touched) {
      const entry = this.entries.get(manager);
      if (entry !== undefined) this.assess(manager, entry);
    }
    this.touched.clear();
    this.lastTouched = undefined;
  }

  /** Whether {@link takeChanged} has any. */
  get hasChanged(): boolean {
    return this.changed.size > 0;
  }

  /** The managers that have been touched and looked at since the last call. */
  takeChanged(): Iterable<Manager> {
    const { changed } = this;
    this.changed = new Set();
    return changed;
  }

  private assess(manager: Manager, entry: Entry): void {
    this.changed.add(manager);
    const idleWorkers = manager.isOpen ? manager.idleWorkers : 0;
    const held = manager.held.size;
    this.idle += idleWorkers - entry.idleWorkers;
    this.allHeld += held - entry.held;
    entry.idleWorkers = idleWorkers;
    entry.held = held;
    this.stocks.assess(entry.stock);
    if (!manager.isOpen || !manager.wantsTasks) this.wanting.remove(entry.standing);
    else if (!this.isInPlace(entry.standing)) takePlace(entry.standing, this.wanting, this.selector);
  }

  private isInPlace(standing: Standing): boolean {
    return this.wanting.has(standing) && standing.rank === this.selector.rank(standing.manager);
  }
}
