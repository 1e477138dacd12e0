import type { ExecutorTask } from '../executor.js';
import { Fifo } from '../graph/fifo.js';

interface Ranked {
  readonly task: ExecutorTask;
  readonly priority: number;
  /** Order of arrival, which decides between equal priorities. */
  readonly order: number;
}

/**
 * Tasks that wait for a worker: by priority, smaller first, and those without one last; in order of arrival otherwise.
 */
export class ReadyQueue {
  readonly #plain = new Fifo<ExecutorTask>();
  /** Binary heap; its first element is the next. */
  readonly #ranked: Ranked[] = [];
  /** Taken out, but still in one of the two. */
  readonly #removed = new Set<ExecutorTask>();
  #arrivals = 0;

  /** How many tasks wait. */
  get size(): number {
    return this.#plain.size + this.#ranked.length - this.#removed.size;
  }

  push(task: ExecutorTask): void {
    if (task.priority === undefined) {
      this.#plain.push(task);
    } else {
      this.#ranked.push({ task, priority: task.priority, order: this.#arrivals++ });
      this.#siftUp(this.#ranked.length - 1);
    }
  }

  /** Takes the next task out; `undefined` when none waits. */
  shift(): ExecutorTask | undefined {
    for (;;) {
      const task = this.#ranked.length > 0 ? this.#popRanked() : this.#plain.shift();
      if (task === undefined || this.#removed.size === 0 || !this.#removed.delete(task)) {
        return task;
      }
    }
  }

  /** Takes out a task that is in the queue, in constant time. */
  remove(task: ExecutorTask): void {
    this.#removed.add(task);
  }

  #popRanked(): ExecutorTask | undefined {
    const first = this.#ranked[0];
    const last = this.#ranked.pop();
    if (last !== undefined && this.#ranked.length > 0) {
      this.#ranked[0] = last;
      this.#siftDown();
    }
    return first?.task;
  }

  #siftUp(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) {
        return;
      }
      index = parent;
    }
  }

  #siftDown(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const child = this.#isBefore(right, left) ? right : left;
      if (!this.#swapIfBefore(child, index)) {
        return;
      }
      index = child;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#ranked[a];
    const second = this.#ranked[b];
    return (
      first !== undefined &&
      second !== undefined &&
      (first.priority < second.priority || (first.priority === second.priority && first.order < second.order))
    );
  }

  #swapIfBefore(a: number, b: number): boolean {
    const first = this.#ranked[a];
    const second = this.#ranked[b];
    if (first === undefined || second === undefined || !this.#isBefore(a, b)) {
      return false;
    }
    this.#ranked[a] = second;
    this.#ranked[b] = first;
    return true;
  }
}
