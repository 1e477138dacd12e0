import { type HeldTask } from './held-task.js';

/** Tasks of one priority. The first ones have been taken from `items` already. */
interface Lane {
  readonly priority: number;
  items: (HeldTask | undefined)[];
  taken: number;
}

const COMPACT_AFTER = 1024;

/** Tasks that wait for a worker: smaller priorities first, in order of arrival among equals. */
export class TaskQueue {
  private readonly lanes: Lane[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  push(task: HeldTask): void {
    this.lane(task.priority).items.push(task);
    this.count++;
  }

  /** Puts back what was taken before, in front of its equals. */
  unshift(task: HeldTask): void {
    const lane = this.lane(task.priority);
    if (lane.taken > 0) lane.items[--lane.taken] = task;
    else lane.items.unshift(task);
    this.count++;
  }

  peek(): HeldTask | undefined {
    const lane = this.lanes[0];
    return lane?.items[lane.taken];
  }

  shift(): HeldTask | undefined {
    const lane = this.lanes[0];
    if (lane === undefined) return undefined;
    const task = lane.items[lane.taken];
    lane.items[lane.taken++] = undefined;
    this.count--;
    if (lane.taken === lane.items.length) this.lanes.shift();
    else if (lane.taken >= COMPACT_AFTER) {
      lane.items = lane.items.slice(lane.taken);
      lane.taken = 0;
    }
    return task;
  }

  /** Takes the task that would run last. */
  pop(): HeldTask | undefined {
    const lane = this.lanes.at(-1);
    if (lane === undefined) return undefined;
    const task = lane.items.pop();
    this.count--;
    if (lane.taken === lane.items.length) this.lanes.pop();
    return task;
  }

  /** All of them; they stay. */
  tasks(): HeldTask[] {
    return this.lanes.flatMap(({ items, taken }) => items.slice(taken).filter((task) => task !== undefined));
  }

  /** Takes out every task that `matches`. */
  extract(matches: (task: HeldTask) => boolean): HeldTask[] {
    const all = this.clear();
    const extracted: HeldTask[] = [];
    for (const task of all) {
      if (matches(task)) extracted.push(task);
      else this.push(task);
    }
    return extracted;
  }

  /** Takes out everything, in the order in which it would have run. */
  clear(): HeldTask[] {
    const all: HeldTask[] = [];
    for (let task = this.shift(); task !== undefined; task = this.shift()) all.push(task);
    return all;
  }

  private lane(priority: number): Lane {
    let at = this.lanes.length;
    for (; at > 0; at--) {
      const lane = this.lanes[at - 1];
      if (lane === undefined || lane.priority < priority) break;
      if (lane.priority === priority) return lane;
    }
    const lane: Lane = { priority, items: [], taken: 0 };
    this.lanes.splice(at, 0, lane);
    return lane;
  }
}
