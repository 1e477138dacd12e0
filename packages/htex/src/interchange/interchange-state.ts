import {
  encodeError,
  ManagerLost,
  WalltimeTooShortError,
  resultField,
  ResultStatus,
  taskField,
  type Holdings,
  type PackedRecord,
  type Registration,
} from '@parsl-ts/wire';

import { Acknowledgements } from './acknowledgements.js';
import { BadNodes } from './bad-nodes.js';
import type { BadNodeRules } from './failure-watch.js';
import type { Instruction } from './instruction.js';
import { Manager, type Absence } from './manager.js';
import { ManagerTable } from './manager-table.js';
import { ManagerWatch, type WatchRules } from './manager-watch.js';
import { answered, recall } from './recall.js';
import { ReturningManagers } from './returning-managers.js';
import type { Selector } from './selector.js';
import { ShortBlocks } from './short-blocks.js';
import { TaskEnds } from './task-ends.js';
import { WaitingTasks } from './waiting-tasks.js';

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
  private readonly tasks = new WaitingTasks();
  private readonly ends = new TaskEnds();
  private readonly returning = new ReturningManagers(this.tasks, this.ends, (instruction) =>
    this.instructions.push(instruction),
  );
  private readonly shortBlocks = new ShortBlocks();
  private readonly table: ManagerTable;
  private readonly watch: ManagerWatch;
  private readonly badNodes: BadNodes | undefined;
  private readonly code = new Map<number, readonly Buffer[]>();
  private readonly acknowledgements = new Acknowledgements();
  private readonly blocksOnHold = new Set<string>();
  /** Some manager gets no more tasks, or did once. */
  private someClosed = false;
  private instructions: Instruction[] = [];
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
    return this.tasks.size;
  }

  /** The least time, in ms, that one of the tasks needs that wait for a manager that has more of it; `undefined`: none. */
  get missingTimeMs(): number | undefined {
    const { missingMs } = this.tasks;
    return missingMs === Infinity ? undefined : missingMs;
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
    if (!this.returning.keeps(record)) this.tasks.push(record);
  }

  /** Drops these submissions where they wait and has them stopped where they run. Unknown ones have ended already. */
  cancel(submissions: readonly number[], reason: string): void {
    const wanted = new Set(submissions);
    const waiting = this.tasks.extract((record) => wanted.has(taskField.submission(record)));
    this.ends.failCancelled(
      waiting.map((record) => taskField.submission(record)),
      reason,
    );
    for (const manager of this.managers.values()) {
      const held = heldOf(manager, wanted);
      if (held.length === 0) continue;
      for (const submission of held) this.ends.cancel(submission, reason);
      const names = held.map((submission) => manager.nameOf(submission));
      this.instructions.push({ do: 'send-cancel', to: manager.id, submissions: names, reason });
    }
  }

  /**
   * A manager introduces itself. One that is known already, from the same process, keeps what it holds.
   *
   * @param holdings what it has, if it registers anew
   */
  register(id: string, registration: Registration, now: number, holdings?: Holdings): void {
    if (this.ending) {
      this.instructions.push({ do: 'send-shutdown', to: id });
      return;
    }
    const known = this.table.get(id);
    const refusal = this.refusalOf(id, registration, known, holdings);
    if (refusal !== undefined) {
      this.instructions.push({ do: 'send-refused', to: id, reason: refusal });
      return;
    }
    this.instructions.push({ do: 'send-registered', to: id });
    const manager = known ?? this.addManager(id, registration, now);
    manager.registration = registration;
    manager.lastHeard = now;
    manager.capacity = registration.capacity;
    manager.endsAt = now + (registration.endsInMs ?? Infinity);
    this.table.touch(manager);
    if (known === undefined) {
      this.instructions.push({ do: 'report-joined', id, registration });
      this.noteShortBlock(registration, now);
    }
    if (holdings !== undefined) this.returning.welcome(manager, holdings);
  }

  private refusalOf(
    id: string,
    { pid, host }: Registration,
    known: Manager | undefined,
    holdings: Holdings | undefined,
  ): string | undefined {
    // A manager that has not been welcomed yet does not know the run.
    if (holdings !== undefined && holdings.runId !== '' && holdings.runId !== this.rules.runId) {
      return `it belongs to run ${holdings.runId}, which has ended, and this is run ${this.rules.runId}`;
    }
    if (known !== undefined) {
      const isSame = known.registration.pid === pid && known.registration.host === host;
      return isSame ? undefined : `another worker pool is registered as ${id} already`;
    }
    if (this.managers.size < this.rules.mostManagers) return undefined;
    return (
      `the interchange can take ${this.rules.mostManagers} worker pools, as its limit of open files allows, and has ` +
      `them; raise the limit ('ulimit -Hn') where the run is started, or have fewer pools with more workers each`
    );
  }

  private addManager(id: string, registration: Registration, now: number): Manager {
    const manager = new Manager(id, registration, now);
    manager.onHold = this.blocksOnHold.has(registration.blockId);
    this.badNodes?.joined(manager);
    this.table.add(manager);
    this.watch.add(manager, now);
    return manager;
  }

  /**
   * A manager of the interchange that this one replaces. It is expected to register anew and to say which of these tasks it
   * has. Before {@link addTask} brings them.
   */
  expect(id: string, registration: Registration, submissions: readonly number[], now: number): void {
    const manager = this.addManager(id, registration, now);
    this.returning.expect(manager, submissions);
    const reason = 'it did not come back after the interchange had been started again';
    this.leave(manager, { until: now + this.rules.returnMs, reason });
  }

  /** Any message came from `id`. Tells whether it is registered; if it is not, it is told to do so. */
  heard(id: string, now: number): boolean {
    const manager = this.table.get(id);
    if (manager === undefined || manager.away !== undefined) {
      this.instructions.push({ do: this.ending ? 'send-shutdown' : 'send-unknown', to: id });
    }
    if (manager === undefined) return false;
    manager.lastHeard = now;
    return true;
  }

  /** Its connection was lost for a while: it is to say what it has. */
  reconnected(id: string, now: number): void {
    const manager = this.table.get(id);
    if (manager === undefined) return;
    // Nobody has asked it yet, if it was not missed.
    if (manager.away === undefined) this.instructions.push({ do: 'send-unknown', to: id });
    this.leave(manager, { until: now + this.rules.reconnectMs, reason: 'its connection broke' });
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
    const submission = manager.submissionOf(record);
    if (resultField.status(record) === ResultStatus.started) {
      if (!manager.held.has(submission)) return;
      this.ends.add(record);
      this.badNodes?.started(manager, record);
      return;
    }
    this.acknowledgements.count(manager);
    if (!manager.held.delete(submission)) return;
    this.table.touch(manager);
    this.returning.ended(submission);
    const wasCancelled = this.ends.forget(submission);
    this.ends.add(record);
    if (this.badNodes?.ended(manager, record, wasCancelled) === true) this.judge(manager, record);
  }

  /** The manager's answer to a recall: tasks that it has not started. */
  takeBack(id: string, records: readonly PackedRecord[], now: number): void {
    const manager = this.table.get(id);
    if (manager === undefined) return;
    answered(manager, records.length, now);
    this.table.touch(manager);
    this.returning.wait(records.filter((record) => manager.held.delete(manager.submissionOf(record))));
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

  /** The manager goes, and all its results have come: what it was given beyond that has not reached it. */
  goodbye(id: string): void {
    const manager = this.table.get(id);
    if (manager !== undefined && !this.ending) this.returning.wentWith(manager);
    this.remove(id, 'it has ended', false);
  }

  /** The connection broke. The manager is lost unless it is heard again soon. */
  disconnected(id: string, now: number): void {
    const manager = this.table.get(id);
    if (manager === undefined) return;
    if (this.ending) return this.remove(id, 'it has ended', false);
    if (manager.away !== undefined) return;
    // It may have come back already, by another connection.
    this.instructions.push({ do: 'send-unknown', to: id });
    this.leave(manager, { until: now + this.rules.reconnectMs, reason: 'its connection broke' });
  }

  /** This process was stopped for so long, in ms: nobody is lost for that. */
  excuse(ms: number): void {
    this.watch.excuse(ms);
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
    const asksLater = this.tasks.queued === 0 || this.someClosed;
    const recallAt = asksLater ? this.table.stocks.wakeAt : undefined;
    const reportAt = this.ends.isEmpty ? Infinity : this.nextReport;
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
    if (this.tasks.queued === 0 || this.someClosed) {
      const idle = this.table.idleWorkers - this.tasks.queued;
      for (const [manager, tasks] of recall(this.table.stocks, idle, now)) {
        manager.recalling = true;
        this.table.touch(manager);
        this.instructions.push({ do: 'send-recall', to: manager.id, tasks });
      }
    }
    if (now >= this.nextReport || !this.isBusy()) this.report(now);
    return this.takeInstructions();
  }

  /** Whether {@link acknowledge} has something to tell. */
  get owesAcknowledgements(): boolean {
    return this.acknowledgements.isOwed;
  }

  /** Reports all results that have come, and says which managers are to hear of it when that has been done. */
  acknowledge(now: number): {
    readonly instructions: Instruction[];
    /** How many results each has sent since it started. */
    readonly results: [manager: string, results: number][];
  } {
    this.report(now);
    return { instructions: this.takeInstructions(), results: this.acknowledgements.take() };
  }

  private report(now: number): void {
    if (this.ends.isEmpty) return;
    this.instructions.push({ do: 'report-results', records: this.ends.take() });
    this.nextReport = now + REPORT_MS;
  }

  private takeInstructions(): Instruction[] {
    const { instructions } = this;
    this.instructions = [];
    return instructions;
  }

  /** Whether managers have so much to do that nobody waits for a single result. */
  private isBusy(): boolean {
    return this.tasks.queued + this.table.held > 2 * this.table.workers;
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
    const longestMs = this.tasks.assign(takers);
    for (const [manager, records] of batches) {
      this.instructions.push({ do: 'send-tasks', to: manager.id, records });
    }
    if (longestMs > this.rules.longestTaskMs) this.failHopeless(now);
  }

  private noteShortBlock({ blockId, endsInMs = Infinity }: Registration, now: number): void {
    const { missingMs } = this.tasks;
    if (missingMs === Infinity || endsInMs >= missingMs) return this.shortBlocks.clear();
    const expectedMs = this.shortBlocks.note(blockId, endsInMs);
    if (expectedMs !== undefined) this.failHopeless(now, expectedMs);
  }

  /** Tasks for which no manager has time enough, and no block can be expected to. */
  private failHopeless(now: number, expectedMs = this.rules.longestTaskMs): void {
    const most = Math.max(
      expectedMs,
      longestLeft(this.managers.values(), now, () => true),
    );
    for (const record of this.tasks.extractLonger(most)) {
      const error = encodeError(new WalltimeTooShortError(taskField.timeoutMs(record), most));
      this.ends.fail(taskField.submission(record), error);
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

  private leave(manager: Manager, away: Absence): void {
    // Who has been given longer keeps it.
    if (manager.away === undefined || manager.away.until < away.until) manager.away = away;
    this.table.touch(manager);
    this.watch.expect(manager);
  }

  private remove(id: string, reason: string, lost: boolean): void {
    const manager = this.table.get(id);
    if (manager === undefined) return;
    this.table.delete(manager);
    this.watch.delete(manager);
    this.badNodes?.left(manager);
    if (manager.held.size > 0) {
      const { host, blockId, logFile } = manager.registration;
      const error = encodeError(new ManagerLost({ id, host, blockId, logFile }, reason));
      for (const submission of manager.held) {
        this.returning.ended(submission);
        this.ends.fail(submission, error);
      }
      if (lost) this.returning.giveUp(manager);
    }
    this.instructions.push({ do: 'report-left', id, reason, lost });
    if (this.tasks.missingMs < Infinity) this.failHopeless(manager.lastHeard);
  }
}

/** While managers have much to do, results are reported so often, in ms, and many together. */
const REPORT_MS = 1;

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
