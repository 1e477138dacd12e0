import type { Executor, ExecutorTask, TaskFunction, TaskPlace } from '../executor.js';
import type { Task, Try } from '../graph/task.js';

/** What a try tells the kernel. */
export interface AttemptOwner {
  attemptStarted(task: Task): void;
  attemptSucceeded(task: Task, value: unknown): void;
  attemptFailed(task: Task, error: unknown): void;
}

/**
 * One try of a task, as its executor sees it. Each try has an object of its own, so that what an executor says about an
 * earlier one can be told apart and ignored.
 */
export class Attempt implements ExecutorTask, Try {
  readonly task: Task;
  readonly attempt: number;
  /** Where it runs, once it has started. */
  place: TaskPlace | undefined = undefined;
  readonly #owner: AttemptOwner;
  readonly #executor: Executor;

  constructor(owner: AttemptOwner, task: Task, executor: Executor) {
    this.#owner = owner;
    this.#executor = executor;
    this.task = task;
    this.attempt = task.attempt;
  }

  get taskId(): number {
    return this.task.taskId;
  }

  get app(): TaskFunction {
    return this.task.definition.run;
  }

  get args(): readonly unknown[] {
    return this.task.args;
  }

  get priority(): number | undefined {
    return this.task.settings.priority;
  }

  get timeoutMs(): number | undefined {
    return this.task.settings.timeoutMs;
  }

  get stdout(): string | undefined {
    return this.task.settings.stdout;
  }

  get stderr(): string | undefined {
    return this.task.settings.stderr;
  }

  cancel(reason: unknown): void {
    this.#executor.cancel(this, reason);
  }

  started(where: TaskPlace): void {
    if (this.task.current === this) {
      this.place = where;
      this.#owner.attemptStarted(this.task);
    }
  }

  succeeded(value: unknown): void {
    if (this.task.current === this) {
      this.#owner.attemptSucceeded(this.task, value);
    }
  }

  failed(error: unknown): void {
    if (this.task.current === this) {
      this.#owner.attemptFailed(this.task, error);
    }
  }
}
