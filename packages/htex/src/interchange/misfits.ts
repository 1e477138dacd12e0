import { taskField, type PackedRecord } from '@parsl-ts/wire';

import { Heap, type HeapItem } from './heap.js';

interface Misfit extends HeapItem {
  readonly record: PackedRecord;
  readonly timeoutMs: number;
  readonly priority: number;
  readonly order: number;
}

/**
 * Tasks that may run for longer than the manager whose turn it was is there. They wait apart for one that has time enough:
 * those that need the least first, smaller priorities first among equals, then in order of arrival.
 */
export class Misfits {
  private readonly heap = new Heap<Misfit>(isBefore);
  private readonly bySubmission = new Map<number, Misfit>();
  private next = 0;

  get size(): number {
    return this.heap.size;
  }

  /** The least time that one of them needs, in ms; infinite without any. */
  get shortestMs(): number {
    return this.heap.first?.timeoutMs ?? Infinity;
  }

  put(record: PackedRecord): void {
    const misfit = {
      ...{ record, timeoutMs: taskField.timeoutMs(record), priority: taskField.priority(record) },
      ...{ order: this.next++, place: -1 },
    };
    this.bySubmission.set(taskField.submission(record), misfit);
    this.heap.put(misfit);
  }

  /** Takes the first one if it needs no more than `ms`. */
  take(ms: number): PackedRecord | undefined {
    const { first } = this.heap;
    if (first === undefined || first.timeoutMs > ms) return undefined;
    return this.delete(first);
  }

  /** Takes out the task of this submission; `undefined`: it is not among them. */
  remove(submission: number): PackedRecord | undefined {
    const misfit = this.bySubmission.get(submission);
    return misfit && this.delete(misfit);
  }

  /** Takes out every task that `matches`. */
  extract(matches: (record: PackedRecord) => boolean): PackedRecord[] {
    return [...this.bySubmission.values()]
      .filter(({ record }) => matches(record))
      .map((misfit) => this.delete(misfit));
  }

  private delete(misfit: Misfit): PackedRecord {
    this.heap.remove(misfit);
    this.bySubmission.delete(taskField.submission(misfit.record));
    return misfit.record;
  }
}

function isBefore(a: Misfit, b: Misfit): boolean {
  if (a.timeoutMs !== b.timeoutMs) return a.timeoutMs < b.timeoutMs;
  return a.priority < b.priority || (a.priority === b.priority && a.order < b.order);
}
