import { PriorityQueue, taskField, type PackedRecord } from '@parsl-ts/wire';

import { assign, assignMisfits, type Takers } from './assign.js';
import { Misfits } from './misfits.js';

/** The tasks that no manager has. */
export class WaitingTasks {
  private readonly queue = new PriorityQueue<PackedRecord>(taskField.priority, taskField.submission);
  private readonly misfits = new Misfits();

  get size(): number {
    return this.queue.size + this.misfits.size;
  }

  /** Those for which any manager will do, as far as is known. */
  get queued(): number {
    return this.queue.size;
  }

  /** The least time, in ms, that one of those needs that wait for a manager which has more of it; infinite without any. */
  get missingMs(): number {
    return this.misfits.shortestMs;
  }

  push(record: PackedRecord): void {
    this.queue.push(record);
  }

  /** Puts tasks before all others of their priorities. */
  putBack(records: readonly PackedRecord[]): void {
    this.queue.putBack(records);
  }

  /** Takes out the task of this submission; `undefined`: it does not wait. */
  remove(submission: number): PackedRecord | undefined {
    return this.queue.remove(submission) ?? this.misfits.remove(submission);
  }

  /** Takes out every task that `matches`. Looks at all of them. */
  extract(matches: (record: PackedRecord) => boolean): PackedRecord[] {
    return [...this.queue.extract(matches), ...this.misfits.extract(matches)];
  }

  /** Takes out those that wait for a manager with more time, and need more than `ms`. */
  extractLonger(ms: number): PackedRecord[] {
    return this.misfits.extract((record) => taskField.timeoutMs(record) > ms);
  }

  /**
   * Gives tasks to managers.
   *
   * @returns the longest time that one needs which begins to wait for a manager that has more of it, in ms; 0 without any
   */
  assign(takers: Takers): number {
    let longestMs = 0;
    assignMisfits(this.misfits, takers);
    assign(this.queue, takers, (record) => {
      this.misfits.put(record);
      longestMs = Math.max(longestMs, taskField.timeoutMs(record));
    });
    assignMisfits(this.misfits, takers);
    return longestMs;
  }
}
