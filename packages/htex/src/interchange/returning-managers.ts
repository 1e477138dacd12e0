import { taskField, type HeldSubmission, type Holdings, type PackedRecord } from '@parsl-ts/wire';

import { GivenUp } from './given-up.js';
import type { Instruction } from './instruction.js';
import { KeptTasks } from './kept-tasks.js';
import type { Manager } from './manager.js';
import type { TaskEnds } from './task-ends.js';
import type { WaitingTasks } from './waiting-tasks.js';

const UNWANTED = 'the worker pool had been given up, and the task was run elsewhere or has failed';

/**
 * Brings what is known of managers in line with what they say when they come back: after their connection was lost, after
 * they were given up, or to an interchange that replaces the one they had. Then no task is lost, and none is run twice.
 */
export class ReturningManagers {
  private readonly waiting: WaitingTasks;
  private readonly ends: TaskEnds;
  private readonly instruct: (instruction: Instruction) => void;
  private readonly kept = new KeptTasks();
  private readonly givenUp = new GivenUp();

  constructor(waiting: WaitingTasks, ends: TaskEnds, instruct: (instruction: Instruction) => void) {
    this.waiting = waiting;
    this.ends = ends;
    this.instruct = instruct;
  }

  /** The manager may have these, which are going to be sent again. */
  expect(manager: Manager, submissions: readonly number[]): void {
    for (const submission of submissions) {
      manager.held.add(submission);
      this.kept.expect(submission);
    }
  }

  /** A task has been sent. Tells whether a manager may have it, so that nobody is to get it now. */
  keeps(record: PackedRecord): boolean {
    return this.kept.take(record);
  }

  /** The task has ended. */
  ended(submission: number): void {
    this.kept.claim(submission);
  }

  /** The manager is lost with what it holds. */
  giveUp(manager: Manager): void {
    this.givenUp.remember(manager.id, new Set(Array.from(manager.held, (each) => manager.nameOf(each))));
  }

  /** Tasks that managers had, and have not started, wait again, before all others. */
  wait(records: readonly PackedRecord[]): void {
    const wanted = this.ends.failIfCancelled(records);
    if (wanted.length === 0) return;
    this.waiting.putBack(wanted);
    const submissions = wanted.map((record) => taskField.submission(record));
    this.instruct({ do: 'note-waiting', submissions });
  }

  /** The manager has nothing any more, and goes. */
  wentWith(manager: Manager): void {
    this.replaceLost(manager, new Set());
  }

  /** The manager registers anew. */
  welcome(manager: Manager, { delivered, tasks }: Holdings): void {
    manager.away = undefined;
    manager.recalling = false;
    manager.results = delivered;
    this.replaceLost(manager, new Set(tasks.map(({ submission }) => submission)));
    this.cancelAgain(manager);
    const unwanted = this.adoptLate(manager, tasks);
    if (unwanted.length > 0) {
      this.instruct({ do: 'send-cancel', to: manager.id, submissions: unwanted, reason: UNWANTED });
    }
    for (const { submission } of tasks) this.kept.claim(submission);
  }

  /** What was lost on its way to the manager, or on its way back, has not been started. */
  private replaceLost(manager: Manager, has: ReadonlySet<number>): void {
    const kept: PackedRecord[] = [];
    const unknown: number[] = [];
    for (const submission of manager.held) {
      if (has.has(manager.nameOf(submission))) continue;
      manager.held.delete(submission);
      const record = this.kept.release(submission);
      const reason = this.ends.whyCancelled(submission);
      if (record === 'coming') continue;
      if (record !== undefined) kept.push(record);
      else if (reason === undefined) unknown.push(submission);
      else this.ends.failCancelled([submission], reason);
    }
    this.wait(kept);
    if (unknown.length === 0) return;
    this.instruct({ do: 'note-waiting', submissions: unknown });
    this.instruct({ do: 'ask-again', submissions: unknown });
  }

  /** It may not have heard of cancellations. */
  private cancelAgain(manager: Manager): void {
    for (const submission of manager.held) {
      const reason = this.ends.whyCancelled(submission);
      if (reason === undefined) continue;
      this.instruct({
        ...{ do: 'send-cancel', to: manager.id, reason },
        submissions: [manager.nameOf(submission)],
      });
    }
  }

  /** What it goes on with counts, if the task waits to be run again. Returns what it is to stop. */
  private adoptLate(manager: Manager, tasks: readonly HeldSubmission[]): number[] {
    const late = tasks.filter(({ submission }) => !manager.holds(submission));
    if (late.length === 0) return [];
    const givenUp = this.givenUp.take(manager.id);
    const names = new Map<number, number>();
    for (const { submission, taskId } of late) if (givenUp.has(submission)) names.set(taskId, submission);
    const isAgain = (record: PackedRecord) => names.has(taskField.taskId(record));
    for (const record of names.size === 0 ? [] : this.waiting.extract(isAgain)) {
      const name = names.get(taskField.taskId(record));
      if (name !== undefined) manager.rename(name, taskField.submission(record));
    }
    return late.map(({ submission }) => submission).filter((submission) => !manager.holds(submission));
  }
}
