import { type PriorityQueue } from '@parsl-ts/wire';

import { type FunctionRecord } from './function-record.js';
import { type HeldTask } from './held-task.js';

/** Work that a worker holds at most, as far as it can be foreseen. In µs. */
const MAX_EXPECTED_US = 2000;
/** A worker that holds no more than this gets more. In µs. */
const REFILL_EXPECTED_US = 1000;
/** A worker whose task has run for so long gets nothing to be done behind it, whatever was expected. In ms. */
const STALLED_MS = 5;
const MAX_TASKS = 256;
const REFILL_TASKS = 128;

/** How long after the end of a lease it is taken to be over: what clocks and rounding may differ by, in ms. */
export const LEASE_MARGIN_MS = 1;
/** After how long the executor is told that a task runs, in ms. */
export const TELL_AFTER_MS = 100;

/** How many workers may end that were to start a task and had not begun with it, before that is its failure. */
const MAX_SPARED = 3;

/** What is being done to stop the task at the head of a slot. */
export interface Stopping {
  /** Because of its time limit, else because it was cancelled. */
  readonly timeout: boolean;
  /** When the worker is killed if the task still runs. */
  readonly killAt: number;
}

/** One worker's place: the process that holds it now, and the tasks that were given to it. */
export class WorkerSlot {
  readonly rank: number;
  state: 'starting' | 'ready' | 'ending' = 'starting';
  /** Given to the worker and not answered, in the order in which it runs them. Only the first can be running. */
  readonly given: HeldTask[] = [];
  /** Since when the first of `given` has been first, in ms. */
  headSince = 0;
  stopping: Stopping | undefined;
  /** The worker said that it ends without having started anything of `given`. */
  leaving = false;
  /** Functions that this worker process was told about. */
  readonly announced = new Set<FunctionRecord>();

  constructor(rank: number) {
    this.rank = rank;
  }

  /** Whether it could do with more tasks, as far as their number goes. */
  get wantsMore(): boolean {
    return this.state === 'ready' && this.given.length <= REFILL_TASKS;
  }

  /** Takes from the queue what the worker should get now, at most `share` tasks. */
  takeFrom(queue: PriorityQueue<HeldTask>, share: number, now: number): HeldTask[] {
    const batch: HeldTask[] = [];
    let tasks = this.given.length;
    if (!this.wantsMore || (tasks > 0 && now - this.headSince > STALLED_MS)) return batch;
    let expectedUs = 0;
    for (const task of this.given) expectedUs += expected(task);
    if (expectedUs > REFILL_EXPECTED_US) return batch;
    for (let next = queue.peek(); next !== undefined && batch.length < share; next = queue.peek()) {
      expectedUs += expected(next);
      if (tasks > 0 && (tasks >= MAX_TASKS || expectedUs > MAX_EXPECTED_US)) break;
      queue.shift();
      batch.push(next);
      tasks++;
    }
    return batch;
  }

  /** When something may have to be done about this slot without any further event, in ms; infinite if never. */
  get attentionAt(): number {
    const [head, next] = this.given;
    if (head === undefined) return Infinity;
    let at = head.told ? Infinity : this.headSince + TELL_AFTER_MS;
    if (next !== undefined) at = Math.min(at, next.leaseUntil + LEASE_MARGIN_MS);
    if (this.stopping === undefined && head.timeoutMs > 0) at = Math.min(at, this.headSince + head.timeoutMs);
    if (this.stopping !== undefined && this.state === 'ready') at = Math.min(at, this.stopping.killAt);
    return at;
  }

  /**
   * What becomes of the first task when the worker has ended: one that was not begun with is run by another worker, but
   * not for ever, should each end before it comes to it.
   *
   * @param begun the submission that the worker had to start and has begun with last
   */
  fateOf(head: HeldTask, begun: number): 'lost while it ran' | 'spared' | 'lost before it ran' {
    const isBegun = !this.leaving && (head.leaseUntil !== Infinity || head.submission === begun);
    if (isBegun) return 'lost while it ran';
    return head.spared++ < MAX_SPARED ? 'spared' : 'lost before it ran';
  }

  /** Takes out a task that was answered. */
  answer(submission: number, now: number): HeldTask | undefined {
    const at = this.given[0]?.submission === submission ? 0 : this.indexOf(submission);
    if (at < 0) return undefined;
    if (at > 0) return this.given.splice(at, 1)[0];
    this.headSince = now;
    this.stopping = undefined;
    return this.given.shift();
  }

  /**
   * Takes back the tasks whose lease is over, but for the first, which may be running. Exact when all that the worker
   * had written by the end of the lease has been read: to start one of them, it would have had to answer the first.
   */
  reclaim(now: number): HeldTask[] {
    if (this.given.length < 2) return [];
    const expired = this.given.filter((task, index) => index > 0 && task.leaseUntil <= now);
    if (expired.length > 0) {
      const kept = this.given.filter((task, index) => index === 0 || task.leaseUntil > now);
      this.given.splice(0, this.given.length, ...kept);
    }
    return expired;
  }

  private indexOf(submission: number): number {
    return this.given.findIndex((task) => task.submission === submission);
  }
}

/** In µs; infinite for a task that must not share a worker. */
function expected(task: HeldTask): number {
  return task.solo ? Infinity : task.fn.runtime.expectedUs;
}
