import {
  resultField,
  ResultStatus,
  type Cancellation,
  type Delivered,
  type Holdings,
  type PackedRecord,
  type Registration,
} from '@parsl-ts/wire';

import { Acknowledgements } from './acknowledgements.js';
import { BadNodes } from './bad-nodes.js';
import { ClosedManagers } from './closed-managers.js';
import type { BadNodeRules } from './failure-watch.js';
import { HandingOut } from './handing-out.js';
import type { Instruction } from './instruction.js';
import type { Manager } from './manager.js';
import { ManagerTable } from './manager-table.js';
import { Membership, type MembershipRules } from './membership.js';
import { answered } from './recall.js';
import { ReturningManagers } from './returning-managers.js';
import type { Selector } from './selector.js';
import { stopHeld } from './stop-held.js';
import { TaskEnds } from './task-ends.js';
import { TooLongTasks } from './too-long-tasks.js';
import { WaitingTasks } from './waiting-tasks.js';

/** What an interchange goes by. */
export interface InterchangeRules extends MembershipRules {
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
 *
 * It has parts for who takes part ({@link Membership}), who gets what ({@link HandingOut}), and tasks that nobody has time
 * for ({@link TooLongTasks}); they share its tasks and its table of managers. What becomes of tasks is its own.
 */
export class InterchangeState {
  readonly runId: string;
  private readonly tasks = new WaitingTasks();
  private readonly ends = new TaskEnds();
  private readonly table: ManagerTable;
  private readonly badNodes: BadNodes | undefined;
  private readonly returning: ReturningManagers;
  private readonly closed: ClosedManagers;
  private readonly tooLong: TooLongTasks;
  private readonly membership: Membership;
  private readonly handingOut: HandingOut;
  private readonly acknowledgements = new Acknowledgements();
  private instructions: Instruction[] = [];
  private nextReport = 0;

  constructor(rules: InterchangeRules) {
    const { tasks, ends } = this;
    const instruct = (instruction: Instruction) => void this.instructions.push(instruction);
    const table = new ManagerTable(rules.selector);
    const badNodes = rules.badNodes && new BadNodes(rules.badNodes);
    const returning = new ReturningManagers(tasks, ends, instruct);
    const closed = new ClosedManagers(table);
    const { selector, longestTaskMs } = rules;
    const tooLong = new TooLongTasks({ tasks, ends, managers: table.byId, longestTaskMs });
    this.runId = rules.runId;
    this.table = table;
    this.badNodes = badNodes;
    this.returning = returning;
    this.closed = closed;
    this.tooLong = tooLong;
    this.membership = new Membership(rules, { table, ends, returning, closed, tooLong, badNodes, instruct });
    this.handingOut = new HandingOut({ tasks, table, closed, tooLong, selector, instruct });
  }

  /** Tasks that no manager has. */
  get waiting(): number {
    return this.tasks.size;
  }

  /** The least time, in ms, that one of the tasks needs that wait for a manager that has more of it; `undefined`: none. */
  get missingTimeMs(): number | undefined {
    return this.tooLong.missingMs;
  }

  /** The longest that a manager which gets tasks is there from now on, in ms. */
  longestTimeLeft(now: number): number {
    return this.tooLong.longestTimeLeft(now);
  }

  get managers(): ReadonlyMap<string, Manager> {
    return this.table.byId;
  }

  /** Whether {@link takeChanged} has any managers. */
  get hasChanged(): boolean {
    return this.table.hasChanged;
  }

  /** The managers of which something has changed between the last call and the last {@link decide}. */
  takeChanged(): Iterable<Manager> {
    return this.table.takeChanged();
  }

  /** A function, before its first task. `frames` is the message that tells a manager about it. */
  addCode(index: number, frames: readonly Buffer[]): void {
    this.handingOut.addCode(index, frames);
  }

  addTask(record: PackedRecord): void {
    if (!this.returning.keeps(record)) this.tasks.push(record);
  }

  /** Drops these submissions where they wait and has them stopped where they run. Unknown ones have ended already. */
  cancel(cancellations: readonly Cancellation[]): void {
    const others = new Map<number, string>();
    for (const { submissions, reason } of cancellations) {
      const waiting: number[] = [];
      for (const submission of submissions) {
        if (this.tasks.remove(submission) === undefined) others.set(submission, reason);
        else waiting.push(submission);
      }
      this.ends.failCancelled(waiting, reason);
    }
    if (others.size === 0) return;
    for (const manager of this.managers.values())
      this.instructions.push(...stopHeld(manager, others, this.ends));
  }

  /**
   * A manager introduces itself. One that is known already, from the same process, keeps what it holds.
   *
   * @param holdings what it has, if it registers anew
   */
  register(id: string, registration: Registration, now: number, holdings?: Holdings): void {
    this.membership.register(id, registration, now, holdings);
  }

  /**
   * A manager of the interchange that this one replaces. It is expected to register anew and to say which of these tasks it
   * has. Before {@link addTask} brings them.
   */
  expect(id: string, registration: Registration, submissions: readonly number[], now: number): void {
    this.membership.expect(id, registration, submissions, now);
  }

  /** Any message came from `id`. Tells whether it is registered; if it is not, it is told to do so. */
  heard(id: string, now: number): boolean {
    return this.membership.heard(id, now);
  }

  /** Its connection was lost for a while: it is to say what it has. */
  reconnected(id: string, now: number): void {
    this.membership.reconnected(id, now);
  }

  /** The connection broke. The manager is lost unless it is heard again soon. */
  disconnected(id: string, now: number): void {
    this.membership.disconnected(id, now);
  }

  /** The manager goes, and all its results have come: what it was given beyond that has not reached it. */
  goodbye(id: string): void {
    this.membership.goodbye(id);
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
    const name = resultField.submission(record);
    const submission = manager.submissionOf(record);
    if (resultField.status(record) === ResultStatus.started) {
      if (!manager.held.has(submission)) return;
      this.ends.add(record);
      this.badNodes?.started(manager, record);
      return;
    }
    this.acknowledgements.count(manager, name);
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
    this.badNodes?.heldLess(manager);
  }

  /** The manager gets no further tasks, and those that it has not started go elsewhere. */
  drain(id: string): void {
    const manager = this.table.get(id);
    if (manager !== undefined) this.closed.drain(manager);
  }

  /** These managers, and all present and future ones of these blocks, get no further tasks. */
  hold(ids: readonly string[], blockIds: readonly string[]): void {
    this.closed.hold(ids, blockIds);
  }

  /** This process was stopped for so long, in ms: nobody is lost for that. */
  excuse(ms: number): void {
    this.membership.excuse(ms);
  }

  /** Time passes. To be called when {@link wakeAt} says so. */
  tick(now: number): void {
    this.badNodes?.tick(now);
    this.membership.tick(now);
  }

  /** The run ends. */
  shutdown(): void {
    this.membership.shutdown();
  }

  /** When {@link tick} and {@link decide} should be called at the latest although nothing happens; may be infinite. */
  wakeAt(): number {
    const reportAt = this.ends.isEmpty ? Infinity : this.nextReport;
    return Math.min(reportAt, this.handingOut.nextAt, this.membership.nextAt);
  }

  /** Gives out tasks, and returns all that is to be done. */
  decide(now: number): Instruction[] {
    this.handingOut.go(now);
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
    readonly delivered: [manager: string, delivered: Delivered][];
  } {
    this.report(now);
    return { instructions: this.takeInstructions(), delivered: this.acknowledgements.take() };
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

  /** A task has failed on the manager: holds it if that happens far more often than elsewhere. */
  private judge(manager: Manager, record: PackedRecord): void {
    const bad = this.badNodes?.judge(manager, record, this.managers.values());
    if (bad === undefined) return;
    this.hold([manager.id], []);
    this.instructions.push({ do: 'report-bad', pool: bad });
  }
}

/** While managers have much to do, results are reported so often, in ms, and many together. */
const REPORT_MS = 1;
