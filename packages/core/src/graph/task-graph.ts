import { TaskCancelledError } from '../errors.js';
import { Fifo } from './fifo.js';
import type { Instruction } from './instruction.js';
import { decideRetry, type RetryPolicy } from './retry-policy.js';
import type { Task } from './task.js';
import { FINAL_TASK_STATES, type TaskState } from './task-state.js';

/** How many tasks are in each state. */
export type TaskCounts = Readonly<Record<TaskState, number>>;

/**
 * Decides what happens to tasks. Each method is an event; what it wants done is put into `instructions`. It knows no
 * executor, no promise and no clock. Events about a task that has ended are ignored.
 */
export class TaskGraph {
  /** What is to be done, oldest first. The kernel takes it out. */
  readonly instructions = new Fifo<Instruction>();
  /** Called at each change of a task's state, before anything follows from it; with the value or error at the end. */
  onChange: ((task: Task, from: TaskState | undefined, outcome: unknown) => void) | undefined = undefined;
  readonly #policy: RetryPolicy;
  readonly #counts: Record<TaskState, number>;
  #unsettled = 0;
  #oldest: Task | undefined = undefined;
  #newest: Task | undefined = undefined;

  constructor(policy: RetryPolicy) {
    this.#policy = policy;
    this.#counts = emptyCounts();
  }

  /** How many tasks are in each state. */
  get counts(): TaskCounts {
    return this.#counts;
  }

  /** How many tasks have not ended. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** The task that was submitted first of those that have not ended; follow `next` for the others. */
  get oldest(): Task | undefined {
    return this.#oldest;
  }

  /** A task was submitted. `task.waitingFor` says how many of its dependencies are not settled. */
  submitted(task: Task): void {
    task.previous = this.#newest;
    if (this.#newest === undefined) {
      this.#oldest = task;
    } else {
      this.#newest.next = task;
    }
    this.#newest = task;
    this.#unsettled++;
    this.#counts.pending++;
    this.onChange?.(task, undefined, undefined);
    if (task.waitingFor === 0) {
      this.instructions.push({ do: 'launch', task });
    }
  }

  /** One of the dependencies of a waiting task has a value. */
  dependencyFulfilled(task: Task): void {
    if (task.state !== 'pending' || task.waitingFor === 0) {
      return;
    }
    task.waitingFor--;
    if (task.waitingFor === 0) {
      this.instructions.push({ do: 'launch', task });
    }
  }

  /** A dependency has failed: the task will not be run. `error` is made only if it is needed. */
  dependencyFailed(task: Task, error: () => Error): void {
    if (task.state === 'pending') {
      this.#reject(task, 'dep_fail', error());
    }
  }

  /** An executor has taken a try of the task. */
  launched(task: Task): void {
    task.attempt++;
    this.#change(task, 'launched', undefined);
  }

  /** The function has started. */
  started(task: Task): void {
    if (task.state === 'launched') {
      this.#change(task, 'running', undefined);
    }
  }

  /** The function has returned. */
  succeeded(task: Task, value: unknown): void {
    if (!isTried(task)) {
      return;
    }
    if (task.cancellation !== undefined) {
      this.#reject(task, 'cancelled', task.cancellation.error);
    } else if (task.definition.join) {
      this.#change(task, 'joining', undefined);
      this.instructions.push({ do: 'join', task, body: value });
    } else {
      this.#fulfil(task, value);
    }
  }

  /** All futures that a join app returned have values. */
  joined(task: Task, value: unknown): void {
    if (task.state === 'joining') {
      this.#fulfil(task, value);
    }
  }

  /** What a join app returned cannot be waited for, or failed. */
  joinFailed(task: Task, error: Error): void {
    if (task.state === 'joining') {
      this.#reject(task, 'failed', error);
    }
  }

  /** The function threw, or the try was lost. */
  failed(task: Task, error: unknown): void {
    if (!isTried(task)) {
      return;
    }
    if (task.cancellation !== undefined) {
      this.#reject(task, 'cancelled', task.cancellation.error);
      return;
    }
    const decision = decideRetry(task, error, this.#policy);
    if (decision.retry) {
      this.#change(task, 'fail_retryable', error);
      this.#change(task, 'pending', undefined);
      this.instructions.push({ do: 'launch', task });
    } else {
      this.#reject(task, 'failed', decision.error);
    }
  }

  /** The task can come to nothing, and no other try would help. */
  failedForGood(task: Task, error: unknown): void {
    if (!FINAL_TASK_STATES.has(task.state)) {
      this.#reject(task, 'failed', error);
    }
  }

  /** Somebody wants the task given up. Returns whether that can still be done. */
  cancelled(task: Task, reason: unknown): boolean {
    const from = task.state;
    if (FINAL_TASK_STATES.has(from) || task.cancellation !== undefined) {
      return false;
    }
    const error = new TaskCancelledError(task, reason);
    task.cancellation = { error };
    if (from !== 'pending') {
      this.instructions.push({ do: 'stop', task, error });
    }
    if (from === 'pending' || from === 'joining') {
      this.#reject(task, 'cancelled', error);
    }
    return true;
  }

  /** The kernel closes: the task ends now, whatever becomes of its try. */
  abandoned(task: Task, error: Error): void {
    if (!FINAL_TASK_STATES.has(task.state)) {
      this.#reject(task, 'cancelled', error);
    }
  }

  #fulfil(task: Task, value: unknown): void {
    this.#end(task, 'exec_done', value);
    this.instructions.push({ do: 'fulfil', task, value });
  }

  #reject(task: Task, state: TaskState, error: unknown): void {
    this.#end(task, state, error);
    this.instructions.push({ do: 'reject', task, error });
  }

  #change(task: Task, state: TaskState, outcome: unknown): void {
    const from = task.state;
    this.#counts[from]--;
    this.#counts[state]++;
    task.state = state;
    this.onChange?.(task, from, outcome);
  }

  #end(task: Task, state: TaskState, outcome: unknown): void {
    this.#change(task, state, outcome);
    this.#unsettled--;
    if (task.previous === undefined) {
      this.#oldest = task.next;
    } else {
      task.previous.next = task.next;
    }
    if (task.next === undefined) {
      this.#newest = task.previous;
    } else {
      task.next.previous = task.previous;
    }
    task.previous = undefined;
    task.next = undefined;
  }
}

function isTried(task: Task): boolean {
  return task.state === 'launched' || task.state === 'running';
}

function emptyCounts(): Record<TaskState, number> {
  return {
    pending: 0,
    launched: 0,
    running: 0,
    joining: 0,
    fail_retryable: 0,
    exec_done: 0,
    memo_done: 0,
    failed: 0,
    dep_fail: 0,
    cancelled: 0,
  };
}
