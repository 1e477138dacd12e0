import {
  encodeError,
  ManagerLost,
  WalltimeTooShortError,
  resultField,
  ResultStatus,
  taskField,
  writeResult,
  type EncodedValue,
  type PackedRecord,
  type Registration,
} from '@parsl-ts/wire';

import { assign, assignMisfits } from './assign.js';
import { BadNodes } from './bad-nodes.js';
import type { BadNodeRules } from './failure-watch.js';
import type { Instruction } from './instruction.js';
import { Manager } from './manager.js';
import { ManagerTable } from './manager-table.js';
import { ManagerWatch, type WatchRules } from './manager-watch.js';
import { Misfits } from './misfits.js';
import { answered, recall } from './recall.js';
import type { Selector } from './selector.js';
import { TaskQueue } from './task-queue.js';

/** What an interchange goes by. */
export interface InterchangeRules extends WatchRules {
  /** Identifies the run to its managers. */
  readonly runId: string;
  /** How many managers it can be connected to. */
  readonly mostManagers: number;
  readonly selector: Selector;
  /**
   * The longest `timeoutMs` for which a block of the run can be expected to have time, in ms; tasks that need more fail
   * unless there is a manager that has it. `Infinity`: not known.
   */
  readonly longestTaskMs: number;
  /** When a manager is held because tasks fail on it; `undefined`: never. */
  readonly badNodes: BadNodeRules | undefined;
}

/**
 * What the interchange knows and decides: tasks that wait, managers and what each of them holds. Events come in as method
 * calls, with the time where it matters; what is to be done goes out through {@link InterchangeState.decide}. It knows
 * no socket and no clock.
 */
export class InterchangeState {
  private readonly rules: InterchangeRules;
  private readonly queue = new TaskQueue();
  private readonly misfits = new Misfits();
  private readonly table: ManagerTable;
  private readonly watch: ManagerWatch;
  private readonly badNodes: BadNodes | undefined;
  private readonly code = new Map<number, readonly Buffer[]>();
  /** Submissions that a manager was told to stop, until their results come. */
  private readonly cancelled = new Map<number, string>();
  private readonly blocksOnHold = new Set<string>();
  /** Some manager gets no more tasks, or did once. */
  private someClosed = false;
  private instructions: Instruction[] = [];
  private results: PackedRecord[] = [];
  private nextReport = 0;
  private ending = false;

  constructor(rules: InterchangeRules) {
    this.rules = rules;
    this.table = new ManagerTable(rules.selector);
    this.watch = new ManagerWatch(rules);
    this.badNodes = rules.badNodes && new BadNodes(rules.badNodes);
  }

  get runId(): string {
    return this.rules.runId;
  }

  /** Tasks that no manager has. */
  get waiting(): number {
    return this.queue.size + this.misfits.size;
  }

  /** The least time, in ms, that one of the tasks needs that wait for a manager that has more of it; `undefined`: none. */
  get missingTimeMs(): number | undefined {
    const { shortestMs } = this.misfits;
    return shortestMs === Infinity ? undefined : shortestMs;
  }

  /** The longest that a manager which gets tasks is there from now on, in ms. */
  longestTimeLeft(now: number): number {
    return longestLeft(this.managers.values(), now, ({ isOpen }) => isOpen);
  }

  get managers(): ReadonlyMap<string, Manager> {
    return this.table.byId;
  }

  /** The managers of which something has changed between the last call and the last {@link decide}. */
  takeChanged(): Iterable<Manager> {
    return this.table.takeChanged();
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
    this.failCancelled([...this.queue.remove(wanted), ...this.misfits.remove(wanted)], reason);
    for (const manager of this.managers.values()) {
      const held = heldOf(manager, wanted);
      if (held.length === 0) continue;
      for (const submission of held) this.cancelled.set(submission, reason);
      this.instructions.push({ do: 'send-cancel', to: manager.id, submissions: held, reason });
    }
  }

  /** A manager introduces itself. One that is known already, from the same process, keeps what it holds. */
  register(id: string, registration: Registration, now: number): void {
    const known = this.table.get(id);
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
      known.endsAt = now + (registration.endsInMs ?? Infinity);
      this.table.touch(known);
      this.instructions.push({ do: 'send-registered', to: id });
      return;
    }
    if (this.managers.size >= this.rules.mostManagers) {
      const reason =
        `the interchange can take ${this.rules.mostManagers} worker pools, as its limit of open files allows, and has ` +
        `them; raise the limit ('ulimit -Hn') where the run is started, or have fewer pools with more workers each`;
      this.instructions.push({ do: 'send-refused', to: id, reason });
      return;
    }
    const manager = new Manager(id, registration, now);
    manager.onHold = this.blocksOnHold.has(registration.blockId);
    this.badNodes?.joined(manager);
    this.table.add(manager);
    this.watch.add(manager, now);
    this.instructions.push({ do: 'send-registered', to: id }, { do: 'report-joined', id, registration });
  }

  /** Any message came from `id`. Tells whether it is registered; if it is not, it is told to do so. */
  heard(id: string, now: number): boolean {
    const manager = this.table.get(id);
    if (manager === undefined) {
      this.instructions.push({ do: 'send-unknown', to: id });
      return false;
    }
    manager.lastHeard = now;
    if (manager.disconnectedAt !== undefined) {
      manager.disconnectedAt = undefined;
      this.table.touch(manager);
    }
    return true;
  }

  setCapacity(id: string, capacity: number): void {
    const manager = this.table.get(id);
    if (manager === undefined) return;
    manager.capacity = Math.max(capacity, manager.workers);
    this.table.touch(manager);
  }

  /** Results count only for what the manager holds: nobody settles the tasks of others. */
  addResult(id: string, record: PackedRecord): void {
    const manager = this.table.get(id);
    if (manager === undefined) return;
    const submission = resultField.submission(record);
    if (resultField.status(record) === ResultStatus.started) {
      if (!manager.held.has(submission)) return;
      this.results.push(record);
      this.badNodes?.started(manager, record);
      return;
    }
    if (!manager.held.delete(submission)) return;
    this.table.touch(manager);
    const wasCancelled = this.cancelled.size > 0 && this.cancelled.delete(submission);
    this.results.push(record);
    if (this.badNodes?.ended(manager, record, wasCancelled) === true) this.judge(manager, record);
  }

  /** The manager's answer to a recall: tasks that it has not started. */
  takeBack(id: string, records: readonly PackedRecord[], now: number): void {
    const manager = this.table.get(id);
    if (manager === undefined) return;
    answered(manager, records.length, now);
    this.table.touch(manager);
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
    const manager = this.table.get(id);
    if (manager === undefined) return;
    manager.draining = true;
    this.table.touch(manager);
    this.someClosed = true;
  }

  /** These managers, and all present and future ones of these blocks, get no further tasks. */
  hold(ids: readonly string[], blockIds: readonly string[]): void {
    for (const blockId of blockIds) this.blocksOnHold.add(blockId);
    this.someClosed = true;
    for (const manager of this.managers.values()) {
      if (ids.includes(manager.id) || this.blocksOnHold.has(manager.registration.blockId)) {
        manager.onHold = true;
        manager.recallAfter = 0;
        this.table.touch(manager);
      }
    }
  }

  goodbye(id: string): void {
    this.remove(id, 'it has ended', false);
  }

  /** The connection broke. The manager is lost unless it is heard again soon. */
  disconnected(id: string, now: number): void {
    const manager = this.table.get(id);
    if (manager === undefined) return;
    if (this.ending) return this.remove(id, 'it has ended', false);
    manager.disconnectedAt ??= now;
    this.table.touch(manager);
    this.watch.disconnected(manager);
  }

  /** Time passes. To be called when {@link wakeAt} says so. */
  tick(now: number): void {
    this.badNodes?.tick(now);
    const { lost, beats } = this.watch.look(now);
    for (const [manager, reason] of lost) this.remove(manager.id, reason, true);
    for (const { id } of beats) this.instructions.push({ do: 'send-heartbeat', to: id });
  }

  /** The run ends. */
  shutdown(): void {
    this.ending = true;
    for (const id of this.managers.keys()) this.instructions.push({ do: 'send-shutdown', to: id });
  }

  /** When {@link tick} and {@link decide} should be called at the latest although nothing happens; may be infinite. */
  wakeAt(): number {
    this.table.settle();
    const asksLater = this.queue.size === 0 || this.someClosed;
    const recallAt = asksLater ? this.table.stocks.wakeAt : undefined;
    const reportAt = this.results.length === 0 ? Infinity : this.nextReport;
    return Math.min(reportAt, recallAt ?? Infinity, this.watch.nextAt);
  }

  /** Whether {@link takeChanged} has any managers. */
  get hasChanged(): boolean {
    return this.table.hasChanged;
  }

  /** Gives out tasks, and returns all that is to be done. */
  decide(now: number): Instruction[] {
    this.table.settle();
    this.dispatch(now);
    this.table.settle();
    if (this.queue.size === 0 || this.someClosed) {
      const idle = this.table.idleWorkers - this.queue.size;
      for (const [manager, tasks] of recall(this.table.stocks, idle, now)) {
        manager.recalling = true;
        this.table.touch(manager);
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
    return this.queue.size + this.table.held > 2 * this.table.workers;
  }

  private dispatch(now: number): void {
    const batches = new Map<Manager, PackedRecord[]>();
    const give = (manager: Manager, record: PackedRecord) => {
      manager.held.add(taskField.submission(record));
      this.table.touch(manager);
      this.introduce(manager, taskField.functionIndex(record));
      const batch = batches.get(manager);
      if (batch === undefined) batches.set(manager, [record]);
      else batch.push(record);
    };
    const takers = { wanting: this.table.wanting, selector: this.rules.selector, now, give };
    assignMisfits(this.misfits, takers);
    assign(this.queue, takers, (record) => this.setAside(record, now));
    assignMisfits(this.misfits, takers);
    for (const [manager, records] of batches) {
      this.instructions.push({ do: 'send-tasks', to: manager.id, records });
    }
  }

  /** The task may run for longer than the manager whose turn it was is there. */
  private setAside(record: PackedRecord, now: number): void {
    this.misfits.put(record);
    if (taskField.timeoutMs(record) > this.rules.longestTaskMs) this.failHopeless(now);
  }

  /** Tasks for which no manager has time enough, and no block can be expected to. */
  private failHopeless(now: number): void {
    const most = Math.max(
      this.rules.longestTaskMs,
      longestLeft(this.managers.values(), now, () => true),
    );
    for (const record of this.misfits.takeLonger(most)) {
      const submission = taskField.submission(record);
      const timeoutMs = taskField.timeoutMs(record);
      this.cancelled.delete(submission);
      this.results.push(failure(submission, encodeError(new WalltimeTooShortError(timeoutMs, most))));
    }
  }

  /** A task has failed on the manager: holds it if that happens far more often than elsewhere. */
  private judge(manager: Manager, record: PackedRecord): void {
    const bad = this.badNodes?.judge(manager, record, this.managers.values());
    if (bad === undefined) return;
    this.hold([manager.id], []);
    this.instructions.push({ do: 'report-bad', pool: bad });
  }

  private introduce(manager: Manager, index: number): void {
    if (manager.functions.has(index)) return;
    manager.functions.add(index);
    const frames = this.code.get(index);
    if (frames !== undefined) this.instructions.push({ do: 'send-code', to: manager.id, frames });
  }

  private remove(id: string, reason: string, lost: boolean): void {
    const manager = this.table.get(id);
    if (manager === undefined) return;
    this.table.delete(manager);
    this.watch.delete(manager);
    this.badNodes?.left(manager);
    if (manager.held.size > 0) {
      const { host, blockId } = manager.registration;
      const error = encodeError(new ManagerLost({ id, host, blockId }, reason));
      for (const submission of manager.held) {
        this.cancelled.delete(submission);
        this.results.push(failure(submission, error));
      }
    }
    this.instructions.push({ do: 'report-left', id, reason, lost });
    if (this.misfits.size > 0) this.failHopeless(manager.lastHeard);
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

function longestLeft(
  managers: Iterable<Manager>,
  now: number,
  counts: (manager: Manager) => boolean,
): number {
  let longest = 0;
  for (const manager of managers) if (counts(manager)) longest = Math.max(longest, manager.endsAt - now);
  return longest;
}

/** Those of the submissions that the manager holds. */
function heldOf({ held }: Manager, submissions: ReadonlySet<number>): number[] {
  const [fewer, more] = held.size < submissions.size ? [held, submissions] : [submissions, held];
  return [...fewer].filter((submission) => more.has(submission));
}
