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
  /**
   * Those that wait, once one was taken out and for as long as any does: the two above have what was taken out, too. There
   * is none for the many queues of which nothing ever is.
   */
  #waiting: Set<ExecutorTask> | undefined;
  #arrivals = 0;

  /** How many tasks wait. */
  get size(): number {
    return this.#waiting?.size ?? this.#plain.size + this.#ranked.length;
  }

  push(task: ExecutorTask): void {
    this.#waiting?.add(task);
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
      if (task === undefined) {
        this.#waiting = undefined;
        return undefined;
      }
      if (this.#waiting === undefined || this.#waiting.delete(task)) {
        return task;
      }
    }
  }

  /**
   * Takes a task out. Takes constant time, spread over all that were pushed since the queue was empty.
   *
   * @returns whether it was in the queue
   */
  remove(task: ExecutorTask): boolean {
    this.#waiting ??= new Set([...this.#plain, ...this.#ranked.map((ranked) => ranked.task)]);
    return this.#waiting.delete(task);
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
