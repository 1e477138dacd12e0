import { renumber, taskField, type PackedRecord, type Registration } from '@parsl-ts/wire';

import type { ManagerOutcomes } from './outcomes.js';

/** Into how many portions the tasks are divided that a manager wants to have ready for one worker. */
const PORTIONS = 8;

/** Why a manager gets no tasks although it is not gone for good. */
export interface Absence {
  /** It is lost if it has not registered anew by then, in ms. */
  readonly until: number;
  /** What it is lost by then. */
  readonly reason: string;
}

/** A registered worker pool, as the interchange sees it. */
export class Manager {
  readonly id: string;
  registration: Registration;
  /** Submissions given to it, without a result yet. */
  readonly held = new Set<number>();
  /** Functions it has been told about. */
  readonly functions = new Set<number>();
  /** How many tasks it wants to hold at once. */
  capacity: number;
  lastHeard: number;
  /** When it is gone at the latest; may be infinite. */
  endsAt: number;
  /** Its connection broke, or the interchange was started again: what it holds is known when it has registered anew. */
  away: Absence | undefined;
  /** Number of the last question, to whomever, before it was welcomed. What it answers to one up to that is outdated. */
  answeredUntil = 0;
  /** Results that have come of it since it started. */
  results = 0;
  /** The submission of the last of these, as the manager knows it. */
  lastResult = 0;
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
  /** By which submission it knows a task that has been submitted anew since it was given up, and that one. */
  private renamed: Map<number, number> | undefined;

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
    return !this.draining && !this.onHold && this.away === undefined;
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

  /** It runs a task under an earlier submission: its result is to count for `current`. */
  rename(submission: number, current: number): void {
    this.renamed ??= new Map();
    this.renamed.set(submission, current);
    this.held.add(current);
  }

  /** The submission for which a record of this manager counts; the record is made to say so. */
  submissionOf(record: PackedRecord): number {
    const submission = taskField.submission(record);
    const current = this.renamed?.get(submission);
    if (current === undefined) return submission;
    renumber(record, current);
    return current;
  }

  /** Whether it holds the task that it knows by this submission. */
  holds(name: number): boolean {
    return this.held.has(this.renamed?.get(name) ?? name);
  }

  /** The submission by which this manager knows a task. */
  nameOf(submission: number): number {
    for (const [name, current] of this.renamed ?? []) if (current === submission) return name;
    return submission;
  }
}
