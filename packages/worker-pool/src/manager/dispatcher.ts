import { type PackedRecord, type PriorityQueue } from '@parsl-ts/wire';

import { type FunctionRecord } from './function-record.js';
import { type HeldTask } from './held-task.js';
import { type Instruction } from './protocol.js';
import { type WorkerSlot } from './worker-slot.js';

/** How long a worker may wait before it starts a task that it was given ahead, in ms. */
const LEASE_MS = 25;

/** Gives tasks of the queue to workers. */
export class Dispatcher {
  private readonly queue: PriorityQueue<HeldTask>;
  private readonly slots: readonly WorkerSlot[];
  private readonly endAt: number;
  private readonly emit: (instruction: Instruction) => void;

  /** @param endAt when the pool ends whatever happens, in ms of the host's clock; may be infinite */
  constructor(
    queue: PriorityQueue<HeldTask>,
    slots: readonly WorkerSlot[],
    endAt: number,
    emit: (instruction: Instruction) => void,
  ) {
    this.queue = queue;
    this.slots = slots;
    this.endAt = endAt;
    this.emit = emit;
  }

  /** Gives every worker what it should have, idle ones first. */
  fillAll(now: number): void {
    for (const slot of this.slots) if (slot.given.length === 0) this.fill(slot, now);
    for (const slot of this.slots) if (slot.given.length > 0) this.fill(slot, now);
  }

  /** Gives a worker its share: workers that have enough want none. */
  fill(slot: WorkerSlot, now: number): void {
    if (!slot.wantsMore || this.queue.size === 0) return;
    if (slot.given.length === 0) this.handBackLate(now);
    let hungry = 0;
    for (const each of this.slots) if (each.wantsMore) hungry++;
    const batch = slot.takeFrom(this.queue, Math.ceil(this.queue.size / hungry), now);
    if (batch.length === 0) return;
    for (const task of batch) this.announce(slot, task.fn);
    // An idle worker has to start the first one in any case, so that even a very slow host gets on.
    const mustStart = slot.given.length === 0 ? 1 : 0;
    if (mustStart > 0) slot.headSince = now;
    this.run(slot, batch.slice(0, mustStart), Infinity);
    this.run(slot, batch.slice(mustStart), now + LEASE_MS);
    slot.given.push(...batch);
  }

  /**
   * Hands back the next tasks as long as they may run until after the end. Only the first one needs a look: a task with a
   * time limit goes to a worker that has nothing else, and starts at once.
   */
  private handBackLate(now: number): void {
    const records: PackedRecord[] = [];
    for (let next = this.queue.peek(); next !== undefined && next.timeoutMs > 0; next = this.queue.peek()) {
      if (now + next.timeoutMs <= this.endAt) break;
      this.queue.shift();
      records.push(next.record);
    }
    if (records.length > 0) this.emit({ type: 'return', records });
  }

  private run(slot: WorkerSlot, tasks: readonly HeldTask[], leaseUntil: number): void {
    if (tasks.length === 0) return;
    for (const task of tasks) task.leaseUntil = leaseUntil;
    this.emit({ type: 'run', rank: slot.rank, records: tasks.map((task) => task.record), leaseUntil });
  }

  private announce(slot: WorkerSlot, fn: FunctionRecord): void {
    if (slot.announced.has(fn)) return;
    slot.announced.add(fn);
    this.emit({ type: 'announce', rank: slot.rank, fn });
  }
}
