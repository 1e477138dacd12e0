import { encodeError, ManagerLost, type Holdings, type Registration } from '@parsl-ts/wire';

import type { BadNodes } from './bad-nodes.js';
import type { ClosedManagers } from './closed-managers.js';
import type { Instruction } from './instruction.js';
import { Manager, type Absence } from './manager.js';
import type { ManagerTable } from './manager-table.js';
import { ManagerWatch, type WatchRules } from './manager-watch.js';
import type { ReturningManagers } from './returning-managers.js';
import type { TaskEnds } from './task-ends.js';
import type { TooLongTasks } from './too-long-tasks.js';

/** What a {@link Membership} goes by. */
export interface MembershipRules extends WatchRules {
  /** Identifies the run to its managers. */
  readonly runId: string;
  /** How many managers it can be connected to. */
  readonly mostManagers: number;
  /** Its questions are numbered from here on; another interchange of the run has begun elsewhere, far away. */
  readonly firstQuestion: number;
}

/** What a {@link Membership} works with. */
export interface MembershipParts {
  readonly table: ManagerTable;
  readonly ends: TaskEnds;
  readonly returning: ReturningManagers;
  readonly closed: ClosedManagers;
  readonly tooLong: TooLongTasks;
  readonly badNodes: BadNodes | undefined;
  readonly instruct: (instruction: Instruction) => void;
}

/** Which managers take part in the run: they come, are away for a while, come back, go, or are lost with what they hold. */
export class Membership {
  private readonly rules: MembershipRules;
  private readonly parts: MembershipParts;
  private readonly watch: ManagerWatch;
  private ending = false;
  /** Number of the last question. */
  private asked: number;

  constructor(rules: MembershipRules, parts: MembershipParts) {
    this.rules = rules;
    this.asked = rules.firstQuestion;
    this.parts = parts;
    this.watch = new ManagerWatch(rules);
  }

  /**
   * A manager introduces itself. One that is known already, from the same process, keeps what it holds.
   *
   * @param holdings what it has, if it registers anew
   */
  register(id: string, registration: Registration, now: number, holdings?: Holdings): void {
    const { table, tooLong, returning, badNodes, instruct } = this.parts;
    if (this.ending) return instruct({ do: 'send-shutdown', to: id });
    const known = table.get(id);
    const refusal = this.refusalOf(id, registration, known, holdings);
    if (refusal !== undefined) return instruct({ do: 'send-refused', to: id, reason: refusal });
    if (known !== undefined && holdings !== undefined && this.isOutdated(known, holdings)) {
      // All that it does not know to have been delivered follows again.
      known.results = holdings.delivered;
      return;
    }
    instruct({ do: 'send-registered', to: id });
    const manager = known ?? this.add(id, registration, now);
    manager.registration = registration;
    manager.lastHeard = now;
    manager.capacity = registration.capacity;
    manager.endsAt = now + (registration.endsInMs ?? Infinity);
    table.touch(manager);
    if (known === undefined) {
      instruct({ do: 'report-joined', id, registration });
      tooLong.joined(registration, now);
    }
    if (known === undefined || holdings !== undefined) manager.answeredUntil = this.asked;
    if (holdings === undefined) return;
    returning.welcome(manager, holdings);
    badNodes?.heldLess(manager);
  }

  /**
   * A manager of the interchange that this one replaces. It is expected to register anew and to say which of these tasks it
   * has.
   */
  expect(id: string, registration: Registration, submissions: readonly number[], now: number): void {
    const manager = this.add(id, registration, now);
    // It may still say what it was asked by the other one, and had before that one gave it more.
    manager.answeredUntil = this.asked;
    this.parts.returning.expect(manager, submissions);
    const reason = 'it did not come back after the interchange had been started again';
    this.miss(manager, { until: now + this.rules.returnMs, reason });
  }

  /** Any message came from `id`. Tells whether it is registered; if it is not, it is told to do so. */
  heard(id: string, now: number): boolean {
    const manager = this.parts.table.get(id);
    if (manager === undefined || manager.away !== undefined) {
      if (this.ending) this.parts.instruct({ do: 'send-shutdown', to: id });
      else this.ask(id);
    }
    if (manager === undefined) return false;
    manager.lastHeard = now;
    return true;
  }

  /** Its connection was lost for a while: it is to say what it has. */
  reconnected(id: string, now: number): void {
    const manager = this.parts.table.get(id);
    if (manager === undefined) return;
    // Nobody has asked it yet, if it was not missed.
    if (manager.away === undefined) this.ask(id);
    this.miss(manager, { until: now + this.rules.reconnectMs, reason: 'its connection broke' });
  }

  /** The connection broke. The manager is lost unless it is heard again soon. */
  disconnected(id: string, now: number): void {
    const manager = this.parts.table.get(id);
    if (manager === undefined) return;
    if (this.ending) return this.remove(manager, 'it has ended', false);
    if (manager.away !== undefined) return;
    // It may have come back already, by another connection.
    this.ask(id);
    this.miss(manager, { until: now + this.rules.reconnectMs, reason: 'its connection broke' });
  }

  /** The manager goes, and all its results have come: what it was given beyond that has not reached it. */
  goodbye(id: string): void {
    const manager = this.parts.table.get(id);
    if (manager === undefined) return;
    if (!this.ending) this.parts.returning.wentWith(manager);
    this.remove(manager, 'it has ended', false);
  }

  /** This process was stopped for so long, in ms: nobody is lost for that. */
  excuse(ms: number): void {
    this.watch.excuse(ms);
  }

  /** Time passes. To be called at {@link nextAt}. */
  tick(now: number): void {
    const { lost, beats } = this.watch.look(now);
    for (const [manager, reason] of lost) {
      // It may have been away and silent for too long.
      if (this.parts.table.get(manager.id) === manager) this.remove(manager, reason, true);
    }
    for (const { id } of beats) this.parts.instruct({ do: 'send-heartbeat', to: id });
  }

  /** When {@link tick} has something to do at the latest; may be infinite. */
  get nextAt(): number {
    return this.watch.nextAt;
  }

  /** The run ends. */
  shutdown(): void {
    this.ending = true;
    for (const id of this.parts.table.byId.keys()) this.parts.instruct({ do: 'send-shutdown', to: id });
  }

  private refusalOf(
    id: string,
    { pid, host }: Registration,
    known: Manager | undefined,
    holdings: Holdings | undefined,
  ): string | undefined {
    const { runId, mostManagers } = this.rules;
    // A manager that has not been welcomed yet does not know the run.
    if (holdings !== undefined && holdings.runId !== '' && holdings.runId !== runId) {
      return `it belongs to run ${holdings.runId}, which has ended, and this is run ${runId}`;
    }
    if (known !== undefined) {
      const isSame = known.registration.pid === pid && known.registration.host === host;
      return isSame ? undefined : `another worker pool is registered as ${id} already`;
    }
    if (this.parts.table.byId.size < mostManagers) return undefined;
    return (
      `the interchange can take ${mostManagers} worker pools, as its limit of open files allows, and has ` +
      `them; raise the limit ('ulimit -Hn') where the run is started, or have fewer pools with more workers each`
    );
  }

  private ask(id: string): void {
    this.parts.instruct({ do: 'send-unknown', to: id, asked: ++this.asked });
  }

  /** Whether a manager has written this before it could know of all that it has been given. */
  private isOutdated({ answeredUntil }: Manager, { asked }: Holdings): boolean {
    return asked <= answeredUntil || asked > this.asked;
  }

  private add(id: string, registration: Registration, now: number): Manager {
    const { table, closed, badNodes } = this.parts;
    const manager = new Manager(id, registration, now);
    closed.joined(manager);
    badNodes?.joined(manager);
    table.add(manager);
    this.watch.add(manager, now);
    return manager;
  }

  private miss(manager: Manager, away: Absence): void {
    // Who has been given longer keeps it.
    if (manager.away === undefined || manager.away.until < away.until) manager.away = away;
    this.parts.table.touch(manager);
    this.watch.expect(manager);
  }

  private remove(manager: Manager, reason: string, lost: boolean): void {
    const { table, closed, badNodes, tooLong, instruct } = this.parts;
    table.delete(manager);
    this.watch.delete(manager);
    if (!lost) closed.ended(manager);
    badNodes?.left(manager);
    if (manager.held.size > 0) this.failHeld(manager, reason, lost);
    instruct({ do: 'report-left', id: manager.id, reason, lost });
    tooLong.left(manager.lastHeard);
  }

  private failHeld(manager: Manager, reason: string, lost: boolean): void {
    const { ends, returning } = this.parts;
    const { host, blockId, logFile } = manager.registration;
    const error = encodeError(new ManagerLost({ id: manager.id, host, blockId, logFile }, reason));
    for (const submission of manager.held) {
      returning.ended(submission);
      ends.fail(submission, error);
    }
    if (lost) returning.giveUp(manager);
  }
}
