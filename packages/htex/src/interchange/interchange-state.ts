import {
  encodeError,
  ManagerLost,
  resultField,
  ResultStatus,
  taskField,
  writeResult,
  type EncodedValue,
  type PackedRecord,
  type Registration,
} from '@parsl-ts/wire';

import { assign } from './assign.js';
import type { Instruction } from './instruction.js';
import { Manager } from './manager.js';
import { answered, nextRecall, recall } from './recall.js';
import type { Selector } from './selector.js';
import { TaskQueue } from './task-queue.js';

/** What an interchange goes by. */
export interface InterchangeRules {
  /** Identifies the run to its managers. */
  readonly runId: string;
  /** How often managers hear from it at least, in ms. */
  readonly heartbeatPeriodMs: number;
  /** After how much silence a manager is lost, in ms. */
  readonly heartbeatThresholdMs: number;
  /** How long a manager may take to come back after its connection broke, in ms. */
  readonly reconnectMs: number;
  readonly selector: Selector;
}

/**
 * What the interchange knows and decides: tasks that wait, managers and what each of them holds. Events come in as method
 * calls, with the time where it matters; what is to be done goes out through {@link InterchangeState.decide}. It knows
 * no socket and no clock.
 */
export class InterchangeState {
  private readonly rules: InterchangeRules;
  private readonly queue = new TaskQueue();
  private readonly managersById = new Map<string, Manager>();
  private readonly code = new Map<number, readonly Buffer[]>();
  /** Submissions that a manager was told to stop, until their results come. */
  private readonly cancelled = new Map<number, string>();
  private readonly blocksOnHold = new Set<string>();
  /** Some manager gets no more tasks, or did once. */
  private someClosed = false;
  private instructions: Instruction[] = [];
  private results: PackedRecord[] = [];
  private nextHeartbeat: number;
  private nextReport = 0;
  private ending = false;

  constructor(rules: InterchangeRules, now: number) {
    this.rules = rules;
    this.nextHeartbeat = now + rules.heartbeatPeriodMs;
  }

  get runId(): string {
    return this.rules.runId;
  }

  /** Tasks that no manager has. */
  get waiting(): number {
    return this.queue.size;
  }

  get managers(): ReadonlyMap<string, Manager> {
    return this.managersById;
  }

  /** A function, before its first task. `frames` is the message that tells a manager about it. */
  addCode(index: number, frames: readonly Buffer[]): void {
    this.code.set(index, frames);
  }

  addTask(record: PackedRecord): void {
    this.queue.push(record);
  }

  /** Drops these submissions where they wait and has them stopped where they run. Unknown ones have ended already. */
  cancel(submissions: readonly number[], reason: string): void {
    const wanted = new Set(submissions);
    this.failCancelled(this.queue.remove(wanted), reason);
    for (const manager of this.managersById.values()) {
      const held = submissions.filter((submission) => manager.held.has(submission));
      if (held.length === 0) continue;
      for (const submission of held) this.cancelled.set(submission, reason);
      this.instructions.push({ do: 'send-cancel', to: manager.id, submissions: held, reason });
    }
  }

  /** A manager introduces itself. One that is known already, from the same process, keeps what it holds. */
  register(id: string, registration: Registration, now: number): void {
    const known = this.managersById.get(id);
    if (known !== undefined) {
      const same =
        known.registration.pid === registration.pid && known.registration.host === registration.host;
      if (!same) {
        const reason = `another worker pool is registered as ${id} already`;
        this.instructions.push({ do: 'send-refused', to: id, reason });
        return;
      }
      this.heard(id, now);
      known.capacity = registration.capacity;
      this.instructions.push({ do: 'send-registered', to: id });
      return;
    }
    const manager = new Manager(id, registration, now);
    manager.onHold = this.blocksOnHold.has(registration.blockId);
    this.managersById.set(id, manager);
    this.instructions.push({ do: 'send-registered', to: id }, { do: 'report-joined', id, registration });
  }

  /** Any message came from `id`. Tells whether it is registered; if it is not, it is told to do so. */
  heard(id: string, now: number): boolean {
    const manager = this.managersById.get(id);
    if (manager === undefined) {
      this.instructions.push({ do: 'send-unknown', to: id });
      return false;
    }
    manager.lastHeard = now;
    manager.disconnectedAt = undefined;
    return true;
  }

  setCapacity(id: string, capacity: number): void {
    const manager = this.managersById.get(id);
    if (manager !== undefined) manager.capacity = Math.max(capacity, manager.workers);
  }

  /** Results count only for what the manager holds: nobody settles the tasks of others. */
  addResult(id: string, record: PackedRecord): void {
    const manager = this.managersById.get(id);
    if (manager === undefined) return;
    const submission = resultField.submission(record);
    if (resultField.status(record) === ResultStatus.started) {
      if (manager.held.has(submission)) this.results.push(record);
      return;
    }
    if (!manager.held.delete(submission)) return;
    if (this.cancelled.size > 0) this.cancelled.delete(submission);
    this.results.push(record);
  }

  /** The manager's answer to a recall: tasks that it has not started. */
  takeBack(id: string, records: readonly PackedRecord[], now: number): void {
    const manager = this.managersById.get(id);
    if (manager === undefined) return;
    answered(manager, records.length, now);
    const held = records.filter((record) => manager.held.delete(taskField.submission(record)));
    const wanted: PackedRecord[] = [];
    for (const record of held) {
      const reason = this.cancelled.get(taskField.submission(record));
      if (reason === undefined) wanted.push(record);
      else this.failCancelled([record], reason);
    }
    this.queue.putBack(wanted);
  }

  /** The manager gets no further tasks, and those that it has not started go elsewhere. */
  drain(id: string): void {
    const manager = this.managersById.get(id);
    if (manager === undefined) return;
    manager.draining = true;
    this.someClosed = true;
  }

  /** These managers, and all present and future ones of these blocks, get no further tasks. */
  hold(ids: readonly string[], blockIds: readonly string[]): void {
    for (const blockId of blockIds) this.blocksOnHold.add(blockId);
    this.someClosed = true;
    for (const manager of this.managersById.values()) {
      if (ids.includes(manager.id) || this.blocksOnHold.has(manager.registration.blockId)) {
        manager.onHold = true;
        manager.recallAfter = 0;
      }
    }
  }

  goodbye(id: string): void {
    this.remove(id, 'it has ended', false);
  }

  /** The connection broke. The manager is lost unless it is heard again soon. */
  disconnected(id: string, now: number): void {
    const manager = this.managersById.get(id);
    if (manager === undefined) return;
    if (this.ending) this.remove(id, 'it has ended', false);
    else manager.disconnectedAt ??= now;
  }

  /** Time passes. To be called several times in each of the intervals of the rules. */
  tick(now: number): void {
    for (const manager of [...this.managersById.values()]) {
      if (manager.disconnectedAt !== undefined && now - manager.disconnectedAt >= this.rules.reconnectMs) {
        this.remove(manager.id, 'its connection broke', true);
      } else if (now - manager.lastHeard >= this.rules.heartbeatThresholdMs) {
        const silence = Math.round(now - manager.lastHeard);
        this.remove(manager.id, `nothing was heard of it for ${String(silence)} ms`, true);
      }
    }
    if (now < this.nextHeartbeat) return;
    this.nextHeartbeat = now + this.rules.heartbeatPeriodMs;
    for (const id of this.managersById.keys()) this.instructions.push({ do: 'send-heartbeat', to: id });
  }

  /** The run ends. */
  shutdown(): void {
    this.ending = true;
    for (const id of this.managersById.keys()) this.instructions.push({ do: 'send-shutdown', to: id });
  }

  /** When {@link decide} should be called at the latest although nothing happens, or `undefined`. */
  wakeAt(now: number): number | undefined {
    const recallAt =
      this.queue.size === 0 || this.someClosed ? nextRecall(this.managersById.values(), now) : undefined;
    if (this.results.length === 0) return recallAt;
    return Math.min(this.nextReport, recallAt ?? Infinity);
  }

  /** Gives out tasks, and returns all that is to be done. */
  decide(now: number): Instruction[] {
    this.dispatch();
    if (this.queue.size === 0 || this.someClosed) {
      for (const [manager, tasks] of recall(this.managersById.values(), this.queue.size, now)) {
        manager.recalling = true;
        this.instructions.push({ do: 'send-recall', to: manager.id, tasks });
      }
    }
    if (this.results.length > 0 && (now >= this.nextReport || !this.isBusy())) {
      this.instructions.push({ do: 'report-results', records: this.results });
      this.results = [];
      this.nextReport = now + REPORT_MS;
    }
    const instructions = this.instructions;
    this.instructions = [];
    return instructions;
  }

  /** Whether managers have so much to do that nobody waits for a single result. */
  private isBusy(): boolean {
    let excess = this.queue.size;
    for (const manager of this.managersById.values()) excess += manager.held.size - 2 * manager.workers;
    return excess > 0;
  }

  private dispatch(): void {
    const batches = new Map<Manager, PackedRecord[]>();
    assign(this.queue, this.managersById.values(), this.rules.selector, (manager, record) => {
      manager.held.add(taskField.submission(record));
      this.introduce(manager, taskField.functionIndex(record));
      const batch = batches.get(manager);
      if (batch === undefined) batches.set(manager, [record]);
      else batch.push(record);
    });
    for (const [manager, records] of batches) {
      this.instructions.push({ do: 'send-tasks', to: manager.id, records });
    }
  }

  private introduce(manager: Manager, index: number): void {
    if (manager.functions.has(index)) return;
    manager.functions.add(index);
    const frames = this.code.get(index);
    if (frames !== undefined) this.instructions.push({ do: 'send-code', to: manager.id, frames });
  }

  private remove(id: string, reason: string, lost: boolean): void {
    const manager = this.managersById.get(id);
    if (manager === undefined) return;
    this.managersById.delete(id);
    if (manager.held.size > 0) {
      const { host, blockId } = manager.registration;
      const error = encodeError(new ManagerLost({ id, host, blockId }, reason));
      for (const submission of manager.held) {
        this.cancelled.delete(submission);
        this.results.push(failure(submission, error));
      }
    }
    this.instructions.push({ do: 'report-left', id, reason, lost });
  }

  private failCancelled(records: readonly PackedRecord[], reason: string): void {
    if (records.length === 0) return;
    const error = encodeError(new Error(`cancelled: ${reason}`));
    for (const record of records) {
      const submission = taskField.submission(record);
      this.cancelled.delete(submission);
      this.results.push(failure(submission, error));
    }
  }
}

/** While managers have much to do, results are reported so often, in ms, and many together. */
const REPORT_MS = 1;

function failure(submission: number, error: EncodedValue): PackedRecord {
  return writeResult(submission, ResultStatus.failed, 0, error, false);
}
