import type { TaskFunction, TaskPlace } from '../executor.js';
import type { AppFuture, FutureOrigin, FutureWatcher } from '../futures/app-future.js';
import type { Bindings } from '../dependencies/bindings.js';
import type { TaskState } from './task-state.js';

/** What an app's definition and its call say about how a task is run. Shared by all calls that say the same. */
export interface TaskSettings {
  /** Name of the task, for people. */
  readonly name: string;
  /** Labels of the executors that may run it; `undefined`: any. */
  readonly executors: readonly string[] | undefined;
  /** Overrides the kernel's `retries`. */
  readonly retries: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly priority: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** Absolute path; until the task is submitted, also `auto`. */
  readonly stdout: string | undefined;
  readonly stderr: string | undefined;
}

/** An app as the kernel knows it. */
export interface AppDefinition {
  readonly run: TaskFunction;
  /** Whether what the function returns is waited for. Such a function runs in the submit process. */
  readonly join: boolean;
}

/** A task as listeners and retry handlers see it. Do not keep it: its arguments stay in memory with it. */
export interface TaskView {
  /** Number of the task in its kernel, from 0, in order of submission. */
  readonly taskId: number;
  readonly name: string;
  readonly app: TaskFunction;
  readonly state: TaskState;
  /** Number of the current or last try, from 0; -1 before the first. */
  readonly attempt: number;
  /** Label of the executor of the current or last try. */
  readonly executor: string | undefined;
  /** Where the current or last try runs, once it has started. */
  readonly place: TaskPlace | undefined;
  /** The arguments: with futures while the task waits for them, with their values afterwards. */
  readonly args: readonly unknown[];
  readonly settings: TaskSettings;
  /** Errors of the tries that failed. */
  readonly failures: readonly unknown[];
  /** Numbers of the tasks that this one waits for, while it does. */
  dependencies(): readonly number[];
}

/** A try that an executor has. */
export interface Try {
  /** Where it runs, once it has started. */
  readonly place: TaskPlace | undefined;
  /** Has the executor drop it. */
  cancel(reason: unknown): void;
}

/** The kernel as its tasks see it. */
export interface TaskOwner {
  dependencySettled(task: Task, future: AppFuture<unknown>): void;
  cancel(task: Task, reason: unknown): boolean;
}

const NO_FAILURES: readonly unknown[] = Object.freeze([]);

/**
 * One call of an app. The graph decides on `state` and the counts; the kernel keeps here what it needs to act. There may
 * be a million of them at once: no closures, no maps.
 */
export class Task implements TaskView, FutureOrigin, FutureWatcher {
  readonly taskId: number;
  readonly owner: TaskOwner;
  readonly definition: AppDefinition;
  args: readonly unknown[];
  readonly settings: TaskSettings;
  /** Set by the kernel right after construction; kept by the user, too. */
  future: AppFuture<unknown> | undefined = undefined;
  state: TaskState = 'pending';
  /** How many dependencies are not settled. */
  waitingFor = 0;
  /** Number of the current or last try. */
  attempt = -1;
  /** The try that the executor has. */
  current: Try | undefined = undefined;
  /** Futures among the arguments, until they are replaced. */
  bindings: Bindings | undefined = undefined;
  executor: string | undefined = undefined;
  /** Set when the task is to end as cancelled, whatever its try says. */
  cancellation: { readonly error: Error } | undefined = undefined;
  #failures: unknown[] | undefined = undefined;
  /** Sum of what its failures cost; compared with `retries`. */
  failureCost = 0;
  /** Neighbours in the list of tasks that are not settled. */
  previous: Task | undefined = undefined;
  next: Task | undefined = undefined;

  constructor(
    taskId: number,
    owner: TaskOwner,
    definition: AppDefinition,
    args: readonly unknown[],
    settings: TaskSettings,
  ) {
    this.taskId = taskId;
    this.owner = owner;
    this.definition = definition;
    this.args = args;
    this.settings = settings;
  }

  get name(): string {
    return this.settings.name;
  }

  get stdout(): string | undefined {
    return this.settings.stdout;
  }

  get stderr(): string | undefined {
    return this.settings.stderr;
  }

  get app(): TaskFunction {
    return this.definition.run;
  }

  get failures(): readonly unknown[] {
    return this.#failures ?? NO_FAILURES;
  }

  /** A try has failed. */
  addFailure(error: unknown): void {
    this.#failures ??= [];
    this.#failures.push(error);
  }

  get place(): TaskPlace | undefined {
    return this.current?.place;
  }

  dependencies(): readonly number[] {
    return this.bindings?.taskIds() ?? [];
  }

  cancel(reason: unknown): boolean {
    return this.owner.cancel(this, reason);
  }

  futureSettled(future: AppFuture<unknown>): void {
    this.owner.dependencySettled(this, future);
  }
}
