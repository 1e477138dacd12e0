import type { Registration } from '@parsl-ts/wire';

import type { ManagerOutcomes } from './outcomes.js';

/** Into how many portions the tasks are divided that a manager wants to have ready for one worker. */
const PORTIONS = 8;

/** A registered worker pool, as the interchange sees it. */
export class Manager {
  readonly id: string;
  readonly registration: Registration;
  /** Submissions given to it, without a result yet. */
  readonly held = new Set<number>();
  /** Functions it has been told about. */
  readonly functions = new Set<number>();
  /** How many tasks it wants to hold at once. */
  capacity: number;
  lastHeard: number;
  /** When it is gone at the latest; may be infinite. */
  endsAt: number;
  /** When its connection broke, until it is heard again. */
  disconnectedAt: number | undefined;
  /** It gets no further tasks because it is about to end. */
  draining = false;
  /** It gets no further tasks because somebody said so. */
  onHold = false;
  /** It was asked to give tasks back and has not answered yet. */
  recalling = false;
  /** Not to be asked for tasks before: it had none to give the last time. */
  recallAfter = 0;
  /** How many times in a row it had none. */
  recallMisses = 0;
  /** What became of its tasks; `undefined`: that is not watched. */
  outcomes: ManagerOutcomes | undefined;

  constructor(id: string, registration: Registration, now: number) {
    this.id = id;
    this.registration = registration;
    this.capacity = registration.capacity;
    this.lastHeard = now;
    this.endsAt = now + (registration.endsInMs ?? Infinity);
  }

  get workers(): number {
    return this.registration.workers;
  }

  /** Whether it may get tasks. */
  get isOpen(): boolean {
    return !this.draining && !this.onHold && this.disconnectedAt === undefined;
  }

  /** Tasks that could run on it at once now if it had them. */
  get idleWorkers(): number {
    return Math.max(0, this.workers - this.held.size);
  }

  /** Tasks it would take now, to run or to wait. */
  get room(): number {
    return Math.max(0, this.capacity - this.held.size);
  }

  /** Whether it has a worker to spare, or its stock is no longer full: it is not refilled task by task. */
  get wantsTasks(): boolean {
    const { size } = this.held;
    return size < this.workers || (this.capacity - size) * 4 > this.capacity - this.workers;
  }

  /**
   * How many tasks it gets at a time. A manager that wants hundreds for each worker says that a task takes less time than a
   * message: with one task for each manager, thousands of managers would get thousands of messages.
   */
  get portion(): number {
    return Math.max(1, Math.floor(this.capacity / this.workers / PORTIONS));
  }

  /** Tasks it holds that others could run instead. */
  get excess(): number {
    return Math.max(0, this.held.size - (this.onHold || this.draining ? 0 : this.workers));
  }
}
