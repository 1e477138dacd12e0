import { FunctionOutcomes, ManagerOutcomes, type Tally } from './outcomes.js';

/** When a manager is taken for bad. */
export interface BadNodeRules {
  /** How many times as often tasks must fail on it as the same functions do on all others together. Above 1. */
  readonly failureRatio: number;
  /**
   * How many of its tasks must have failed, and of how many tasks of the same function the outcome must be known
   * elsewhere. At least 1.
   */
  readonly minFailures: number;
}

/** Why a manager is taken for bad: numbers of recent tasks of those functions that ran elsewhere, too. */
export interface FailureEvidence {
  readonly failed: number;
  readonly ended: number;
  readonly failedElsewhere: number;
  /** Those that ended elsewhere, or go on for longer than those that failed here. */
  readonly ranElsewhere: number;
}

/** On a bad manager most of the tasks fail. One on which fewer do is still of use. */
const LEAST_RATE = 0.5;
/** What is remembered counts half after so long, in ms: an old burst of failures is no reason any more. */
const HALF_LIFE_MS = 15 * 60_000;
/** A task shows that it does not fail as others did when it goes on for so many times as long. */
const SURVIVAL = 2;
/** Tasks that go on are counted up to this number. */
const MAX_SURVIVORS = 1000;
/** Of so many managers one may be held. If more fail, it is not for their nodes. */
const MANAGERS_PER_HELD = 4;

/**
 * Compares how often tasks fail on each manager. A manager is judged by functions that others run as well: what fails
 * everywhere is the function's fault, and what runs nowhere else shows nothing. Tasks that go on elsewhere count for
 * those, so that a node on which tasks fail at once is found before the first long task elsewhere ends.
 *
 * With the default of 10 failures, and as many tasks elsewhere that have not failed, that all 10 of 20 tasks that fail
 * are on one manager comes about by chance once in 184,756 times. A success costs two increments.
 */
export class FailureWatch {
  private readonly rules: BadNodeRules;
  private readonly functions = new Map<number, FunctionOutcomes>();
  private readonly managers = new Set<ManagerOutcomes>();
  private held = 0;
  private halvedAt: number | undefined;
  private readonly everywhere = (functionIndex: number): FunctionOutcomes => {
    let fn = this.functions.get(functionIndex);
    if (fn === undefined) this.functions.set(functionIndex, (fn = new FunctionOutcomes()));
    return fn;
  };

  constructor(rules: BadNodeRules) {
    this.rules = rules;
  }

  joined(): ManagerOutcomes {
    const manager = new ManagerOutcomes();
    this.managers.add(manager);
    return manager;
  }

  left(manager: ManagerOutcomes): void {
    manager.forget();
    if (this.managers.delete(manager) && manager.isHeld) this.held--;
  }

  /** A try was reported as running. */
  started(manager: ManagerOutcomes, functionIndex: number, submission: number, now: number): void {
    if (manager.isHeld || manager.running.has(submission)) return;
    const fn = this.everywhere(functionIndex);
    manager.running.set(submission, fn);
    fn.running.set(submission, { on: manager, since: now });
  }

  succeeded(manager: ManagerOutcomes, functionIndex: number, submission: number): void {
    if (manager.running.size > 0) manager.ended(submission);
    if (!manager.isHeld) manager.tally(functionIndex, this.everywhere).addSuccess();
  }

  failed(manager: ManagerOutcomes, functionIndex: number, submission: number, runtimeUs: number): void {
    if (manager.running.size > 0) manager.ended(submission);
    if (!manager.isHeld) manager.tally(functionIndex, this.everywhere).addFailure(runtimeUs);
  }

  /** Neither a success nor a failure: the try was cancelled. */
  ended(manager: ManagerOutcomes, submission: number): void {
    manager.ended(submission);
  }

  /**
   * Whether the manager is to be held, now that one of its tasks has failed, and why. It counts as held then, and what
   * happened on it no longer counts for its functions: the next bad manager is not to look better for it.
   *
   * @param mayHold asked before a manager is held
   */
  judge(manager: ManagerOutcomes, now: number, mayHold: () => boolean): FailureEvidence | undefined {
    if (manager.isHeld || !this.mayHoldAnother) return undefined;
    const { failureRatio, minFailures } = this.rules;
    let failedHere = 0;
    for (const tally of manager.tallies.values()) failedHere += tally.failed;
    if (failedHere < minFailures) return undefined;
    let [failed, ended, failedElsewhere, ranElsewhere, expected] = [0, 0, 0, 0, 0];
    for (const tally of manager.tallies.values()) {
      if (tally.failed === 0 && tally.succeeded === 0) continue;
      const elsewhere = this.elsewhere(manager, tally, now);
      if (elsewhere.ran < minFailures) continue;
      const endedHere = tally.failed + tally.succeeded;
      failed += tally.failed;
      ended += endedHere;
      failedElsewhere += elsewhere.failed;
      ranElsewhere += elsewhere.ran;
      // Laplace's rule of succession: that nothing has failed yet does not mean that nothing ever will.
      expected += (endedHere * (elsewhere.failed + 1)) / (elsewhere.ran + 2);
    }
    if (failed < minFailures || failed < LEAST_RATE * ended || failed < failureRatio * expected) {
      return undefined;
    }
    if (!mayHold()) return undefined;
    this.held++;
    manager.isHeld = true;
    manager.forget();
    return {
      failed: Math.round(failed),
      ended: Math.round(ended),
      failedElsewhere: Math.round(failedElsewhere),
      ranElsewhere: Math.round(ranElsewhere),
    };
  }

  /** Time passes. To be called now and then. */
  tick(now: number): void {
    this.halvedAt ??= now;
    if (now - this.halvedAt < HALF_LIFE_MS) return;
    const factor = 0.5 ** Math.floor((now - this.halvedAt) / HALF_LIFE_MS);
    this.halvedAt = now;
    for (const { tallies } of this.managers) for (const tally of tallies.values()) tally.scale(factor);
  }

  private get mayHoldAnother(): boolean {
    const most = Math.max(1, Math.floor(this.managers.size / MANAGERS_PER_HELD));
    return this.held < most;
  }

  private elsewhere(manager: ManagerOutcomes, tally: Tally, now: number): { failed: number; ran: number } {
    const { everywhere } = tally;
    const failed = Math.max(0, everywhere.failed - tally.failed);
    const succeeded = Math.max(0, everywhere.succeeded - tally.succeeded);
    const since = now - (SURVIVAL * tally.slowestUs) / 1000;
    let survivors = 0;
    for (const running of everywhere.running.values()) {
      if (running.since >= since || survivors === MAX_SURVIVORS) break;
      if (running.on !== manager) survivors++;
    }
    return { failed, ran: failed + succeeded + survivors };
  }
}
