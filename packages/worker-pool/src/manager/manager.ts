import {
  PriorityQueue,
  resultField,
  taskField,
  type HeldSubmission,
  type PackedRecord,
  type ProcessEnd,
} from '@parsl-ts/wire';

import { Answers, type ManagerIdentity } from './answers.js';
import { Dispatcher } from './dispatcher.js';
import { FunctionRecord } from './function-record.js';
import { heldTask, type HeldTask } from './held-task.js';
import { isWorthTelling, wantedCapacity } from './prefetch.js';
import { type Instruction, type ManagerEvent } from './protocol.js';
import { RuntimeEstimate } from './runtime-estimate.js';
import { StartPolicy } from './start-policy.js';
import { Stopper } from './stopper.js';
import { LEASE_MARGIN_MS, TELL_AFTER_MS, WorkerSlot } from './worker-slot.js';

type Exited = Extract<ManagerEvent, { readonly type: 'exited' }>;

export interface ManagerOptions extends ManagerIdentity {
  readonly workers: number;
  /** Tasks held beyond one per worker; `undefined`: as many as their runtimes suggest. */
  readonly prefetchCapacity: number | undefined;
  /** When the pool ends whatever happens, in ms of the host's clock; may be infinite. */
  readonly endAt: number;
}

/**
 * Decides everything in a worker pool: which worker gets which tasks, what is taken back, stopped, reported. Does
 * nothing itself: events and the time of the host's clock (ms) go in, instructions come out.
 */
export class Manager {
  private readonly answers: Answers;
  private readonly slots: readonly WorkerSlot[];
  private readonly queue = new PriorityQueue<HeldTask>(
    ({ priority }) => priority,
    ({ submission }) => submission,
  );
  private readonly dispatcher: Dispatcher;
  private readonly stopper: Stopper;
  private readonly functions = new Map<number, FunctionRecord>();
  private readonly starts = new StartPolicy();
  /** Over all functions, for the prefetch. */
  private readonly recent = new RuntimeEstimate();
  private readonly prefetch: number | undefined;
  private toldCapacity: number;
  private draining = false;
  private stopped = false;
  private out: Instruction[] = [];
  private wake = Infinity;

  constructor(options: ManagerOptions) {
    this.answers = new Answers(options);
    this.slots = Array.from({ length: options.workers }, (_, rank) => new WorkerSlot(rank));
    const emit = (instruction: Instruction) => void this.out.push(instruction);
    this.dispatcher = new Dispatcher(this.queue, this.slots, options.endAt, emit);
    this.stopper = new Stopper(emit);
    this.prefetch = options.prefetchCapacity;
    this.toldCapacity = wantedCapacity(options.workers, this.prefetch, this.recent);
  }

  /** Tasks that it wants to hold, running ones included. */
  get capacity(): number {
    return this.toldCapacity;
  }

  /** When a `wake` event is due, in ms; may be earlier than needed. Infinite when nothing runs. */
  get wakeAt(): number {
    return this.wake;
  }

  /** Tasks that have come and were not answered. */
  get held(): number {
    return this.slots.reduce((sum, slot) => sum + slot.given.length, this.queue.size);
  }

  /** The same tasks one by one. */
  holdings(): HeldSubmission[] {
    const all = [...this.queue.all(), ...this.slots.flatMap((slot) => slot.given)];
    return all.map(({ submission, record }) => ({ submission, taskId: taskField.taskId(record) }));
  }

  handle(event: ManagerEvent, now: number): readonly Instruction[] {
    switch (event.type) {
      case 'results':
        this.onResults(this.slot(event.rank), event.records, now);
        break;
      case 'tasks':
        this.onTasks(event.records, now);
        break;
      case 'wake':
        this.onWake(now, event.readAt);
        break;
      case 'function':
        this.onFunction(event.index, event.error);
        break;
      case 'cancel':
        this.onCancel(new Set(event.submissions), event.reason, now);
        break;
      case 'recall':
        this.onRecall(event.tasks);
        break;
      case 'ready':
        this.starts.succeeded();
        this.slot(event.rank).state = 'ready';
        this.fill(this.slot(event.rank), now);
        break;
      case 'dropped':
        this.onDropped(this.slot(event.rank), event.leaseUntil, now);
        break;
      case 'leaving':
        this.slot(event.rank).leaving = true;
        this.slot(event.rank).state = 'ending';
        break;
      case 'exited':
        this.onExited(this.slot(event.rank), event, now);
        break;
      case 'drain':
        this.draining = !this.stopped;
        break;
      case 'stop':
        this.onStop(event.why);
        break;
    }
    if (this.draining && this.held === 0) {
      this.draining = false;
      this.stopped = true;
      this.out.push({ type: 'drained' });
    }
    const out = this.out;
    this.out = [];
    return out;
  }

  /** One that could not be stored may have been by now. */
  private onFunction(index: number, error: Error | undefined): void {
    const known = this.functions.get(index);
    if (known !== undefined && known.error === undefined) return;
    this.functions.set(index, new FunctionRecord(index, error));
  }

  private onTasks(records: readonly PackedRecord[], now: number): void {
    if (this.stopped) {
      this.out.push({ type: 'return', records });
      return;
    }
    for (const record of records) {
      const fn = this.functions.get(taskField.functionIndex(record));
      if (fn !== undefined && fn.error === undefined) this.queue.push(heldTask(record, fn));
      else this.report(this.refused(record, fn), taskField.taskId(record));
    }
    this.fillAll(now);
  }

  private refused(record: PackedRecord, fn: FunctionRecord | undefined): PackedRecord {
    return fn?.error === undefined
      ? this.answers.unknownFunction(record)
      : this.answers.failed(record, fn.error);
  }

  private onResults(slot: WorkerSlot, records: readonly PackedRecord[], now: number): void {
    const answers: PackedRecord[] = [];
    const taskIds: number[] = [];
    for (const record of records) {
      const stopping = slot.stopping;
      const task = slot.answer(resultField.submission(record), now);
      // An answer to what was given up: the executor knows nothing of it any more.
      if (task === undefined) continue;
      const runtimeUs = resultField.runtimeUs(record);
      task.fn.runtime.observe(runtimeUs);
      this.recent.observe(runtimeUs);
      taskIds.push(taskField.taskId(task.record));
      if (task.cancelled !== undefined) answers.push(this.answers.cancelled(task, task.cancelled));
      else if (stopping?.timeout === true)
        answers.push(this.answers.timedOut(task, 'it ended when it was told to stop', runtimeUs));
      else answers.push(record);
    }
    if (answers.length > 0) this.out.push({ type: 'report', records: answers, taskIds });
    this.stopper.heedCancellation(slot, now);
    this.fill(slot, now);
    this.tellCapacity();
  }

  private onDropped(slot: WorkerSlot, leaseUntil: number, now: number): void {
    const kept = slot.given.filter((task) => task.leaseUntil > leaseUntil);
    const dropped = slot.given.filter((task) => task.leaseUntil <= leaseUntil);
    slot.given.splice(0, slot.given.length, ...kept);
    slot.headSince = now;
    // It was meant for the first of what was dropped.
    if (dropped.length > 0) slot.stopping = undefined;
    this.requeue(dropped);
    this.fillAll(now);
  }

  /** A new process takes the place at once; only what ran is lost. */
  private onExited(slot: WorkerSlot, { begun, end, hint }: Exited, now: number): void {
    const wasStarting = slot.state === 'starting';
    const [head, ...others] = slot.given.splice(0);
    const fate = head && slot.fateOf(head, begun);
    if (head !== undefined && fate === 'spared') others.unshift(head);
    else if (head !== undefined) {
      this.answer(head, this.lost(slot, head, { end, hint, now, ran: fate === 'lost while it ran' }));
    }
    this.requeue(others);
    slot.state = 'starting';
    slot.leaving = false;
    slot.stopping = undefined;
    slot.announced.clear();
    if (this.stopped) return;
    const afterMs = wasStarting ? this.starts.failed(this.slots.length) : 0;
    if (afterMs === undefined) this.out.push({ type: 'hopeless', end, hint });
    else this.out.push({ type: 'start', rank: slot.rank, afterMs });
    this.fillAll(now);
  }

  private lost(
    slot: WorkerSlot,
    task: HeldTask,
    death: {
      readonly end: ProcessEnd;
      readonly hint: string;
      readonly now: number;
      readonly ran: boolean;
    },
  ): PackedRecord {
    if (task.cancelled !== undefined) return this.answers.cancelled(task, task.cancelled);
    if (slot.stopping?.timeout === true)
      return this.answers.timedOut(task, 'its worker process was killed', 1000 * task.timeoutMs);
    const runtimeUs = death.ran ? 1000 * (death.now - slot.headSince) : 0;
    return this.answers.workerLost(task, slot.rank, death, runtimeUs);
  }

  private onCancel(submissions: ReadonlySet<number>, reason: string, now: number): void {
    for (const submission of submissions) {
      const task = this.queue.remove(submission);
      if (task !== undefined) this.answer(task, this.answers.cancelled(task, reason));
    }
    for (const slot of this.slots) {
      for (const task of slot.given) if (submissions.has(task.submission)) task.cancelled ??= reason;
      this.stopper.heedCancellation(slot, now);
      this.watch(slot);
    }
  }

  private onRecall(count: number): void {
    const records: PackedRecord[] = [];
    while (records.length < count) {
      const task = this.queue.pop();
      if (task === undefined) break;
      records.push(task.record);
    }
    this.out.push({ type: 'return', records });
  }

  private onWake(now: number, readAt: number): void {
    this.wake = Infinity;
    for (const slot of this.slots) {
      const [head] = slot.given;
      if (head === undefined) continue;
      const elapsedMs = now - slot.headSince;
      // Not by the time of now: since `readAt`, tasks of younger leases may have been started and answered.
      const expired = slot.reclaim(readAt - LEASE_MARGIN_MS);
      if (expired.length > 0) {
        head.fn.runtime.observeAtLeast(1000 * elapsedMs);
        this.recent.observeAtLeast(1000 * elapsedMs);
        this.requeue(expired);
      }
      if (!head.told && elapsedMs >= TELL_AFTER_MS) {
        head.told = true;
        this.out.push({ type: 'tell', record: this.answers.started(head, slot.rank) });
      }
      this.stopper.heedTime(slot, now);
    }
    this.fillAll(now);
    for (const slot of this.slots) this.watch(slot);
    this.tellCapacity();
  }

  private onStop(why: string): void {
    if (this.stopped) return;
    this.stopped = true;
    this.draining = false;
    this.out.push({ type: 'return', records: this.queue.clear().map((task) => task.record) });
    for (const slot of this.slots) {
      for (const task of slot.given.splice(0)) this.answer(task, this.answers.managerLost(task, why));
    }
  }

  /** Lets workers have what waits, unless the pool ends. */
  private fillAll(now: number): void {
    if (this.stopped || this.queue.size === 0) return;
    this.dispatcher.fillAll(now);
    for (const slot of this.slots) this.watch(slot);
  }

  private fill(slot: WorkerSlot, now: number): void {
    if (!this.stopped) this.dispatcher.fill(slot, now);
    this.watch(slot);
  }

  /** Sees to it that `wake` comes in time for whatever may have to be done about this slot. */
  private watch(slot: WorkerSlot): void {
    this.wake = Math.min(this.wake, slot.attentionAt);
  }

  private requeue(tasks: readonly HeldTask[]): void {
    const wanted = tasks.filter((task) => {
      if (task.cancelled === undefined) return true;
      this.answer(task, this.answers.cancelled(task, task.cancelled));
      return false;
    });
    this.queue.putBack(wanted);
  }

  private answer(task: HeldTask, record: PackedRecord): void {
    this.report(record, taskField.taskId(task.record));
  }

  private report(record: PackedRecord, taskId: number): void {
    this.out.push({ type: 'report', records: [record], taskIds: [taskId] });
  }

  private tellCapacity(): void {
    const wanted = wantedCapacity(this.slots.length, this.prefetch, this.recent);
    if (this.draining || !isWorthTelling(this.toldCapacity, wanted)) return;
    this.toldCapacity = wanted;
    this.out.push({ type: 'capacity', capacity: wanted });
  }

  private slot(rank: number): WorkerSlot {
    const slot = this.slots[rank];
    if (slot === undefined) throw new RangeError(`there is no worker ${String(rank)}`);
    return slot;
  }
}
