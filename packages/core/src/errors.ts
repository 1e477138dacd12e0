import { ParslError } from '@parsl-ts/wire';

/** Names a task in an error. */
export interface TaskReference {
  /** Number of the task in its kernel; `undefined` for a promise that is no task. */
  readonly taskId: number | undefined;
  /** Name of its app, or what stands for it. */
  readonly name: string;
}

/** An app was called while no kernel can take the call. Nothing was run. */
export class NoDataFlowKernelError extends ParslError {
  constructor(message: string) {
    super('PARSL_NO_KERNEL', message);
  }
}

/**
 * So much is outstanding already that one more call would endanger the memory of this process or of the interchange.
 * Nothing was run; wait with `kernel.room()` and call again.
 */
export class TooManyTasksError extends ParslError {
  /** The option that says how much may be outstanding. */
  readonly option: string;

  constructor(option: string, what: string) {
    super(
      'PARSL_TOO_MANY_TASKS',
      `${what} have not ended, which is as much as '${option}' allows; call more slowly (await kernel.room() before each call), or raise it`,
    );
    this.option = option;
  }
}

/** The kernel was closed before the task had ended. The task may have run in part. */
export class KernelClosedError extends ParslError {
  readonly taskId: number;

  constructor(task: { readonly taskId: number; readonly name: string }, reason: string) {
    super('PARSL_KERNEL_CLOSED', `${describe(task)} had not ended when ${reason}`);
    this.taskId = task.taskId;
  }
}

/** Somebody cancelled the task: `cancel()` or an `AbortSignal`. `cause` is the reason that was given. */
export class TaskCancelledError extends ParslError {
  readonly taskId: number;

  constructor(task: { readonly taskId: number; readonly name: string }, reason: unknown) {
    const why = reason === undefined ? '' : `: ${messageOf(reason)}`;
    super(
      'PARSL_TASK_CANCELLED',
      `${describe(task)} was cancelled${why}`,
      reason === undefined ? {} : { cause: reason },
    );
    this.taskId = task.taskId;
  }
}

/** A dependency of a task that failed. */
export interface FailedDependency extends TaskReference {
  readonly error: unknown;
}

/**
 * A task was not run because a future among its arguments failed. It is never retried. `cause` is the error of the
 * dependency, which is a `DependencyError` in turn when that task was not run either; `rootCause` is the first error.
 */
export class DependencyError extends ParslError {
  readonly taskId: number;
  /** The dependencies that had failed when the task was given up. */
  readonly dependencies: readonly FailedDependency[];
  /** The task that really failed, however far up. */
  readonly root: TaskReference;
  /** The error of `root`. */
  readonly rootCause: unknown;

  constructor(
    task: { readonly taskId: number; readonly name: string },
    dependencies: readonly [FailedDependency, ...FailedDependency[]],
  ) {
    const [first] = dependencies;
    const above = asDependencyError(first.error);
    const root = above?.root ?? { taskId: first.taskId, name: first.name };
    const rootCause = above === undefined ? first.error : above.rootCause;
    const through = above === undefined ? '' : `, on which ${describe(first)} depends,`;
    super(
      'PARSL_DEPENDENCY',
      `${describe(task)} was not run because ${describe(root)}${through} failed: ${messageOf(rootCause)}`,
      { cause: first.error },
    );
    this.taskId = task.taskId;
    this.dependencies = dependencies;
    this.root = root;
    this.rootCause = rootCause;
  }
}

/** Outside of the class: bundlers rename a class that mentions itself, and its name is the name of the error. */
function asDependencyError(error: unknown): DependencyError | undefined {
  try {
    return error instanceof DependencyError ? error : undefined;
  } catch {
    // A task may throw a proxy.
    return undefined;
  }
}

/** A future that a join app returned failed. All of them had ended by then. `cause` is the error of the first. */
export class JoinError extends ParslError {
  readonly taskId: number;
  /** Those that failed, in the order in which they were returned. */
  readonly failures: readonly FailedDependency[];

  constructor(
    task: { readonly taskId: number; readonly name: string },
    failures: readonly [FailedDependency, ...FailedDependency[]],
  ) {
    const shown = failures.slice(0, 3).map((failure) => `${describe(failure)}: ${messageOf(failure.error)}`);
    const more = failures.length > 3 ? ` and ${String(failures.length - 3)} more` : '';
    super(
      'PARSL_JOIN',
      `${String(failures.length)} of the futures that join app ${describe(task)} returned failed: ${shown.join('; ')}${more}`,
      { cause: failures[0].error },
    );
    this.taskId = task.taskId;
    this.failures = failures;
  }
}

/** The function of a join app returned something else than a future or an array of futures. */
export class JoinBodyError extends ParslError {
  readonly taskId: number;

  constructor(task: { readonly taskId: number; readonly name: string }, returned: string) {
    super(
      'PARSL_JOIN_BODY',
      `join app ${describe(task)} must return a future or an array of futures, but returned ${returned}; use app() for a function that returns a value`,
    );
    this.taskId = task.taskId;
  }
}

/**
 * The task was given up because its tries killed their workers again and again, whatever `retries` allows. `cause` is
 * the last death.
 */
export class RepeatedWorkerLossError extends ParslError {
  readonly taskId: number;
  /** The error of each try that ended with the death of its worker. */
  readonly deaths: readonly unknown[];

  constructor(task: { readonly taskId: number; readonly name: string }, deaths: readonly unknown[]) {
    super(
      'PARSL_REPEATED_WORKER_LOSS',
      `${describe(task)} is not tried again, because ${String(deaths.length)} of its tries ended with the death of the worker (maxWorkerKills): ${deaths.map((death, index) => `(${String(index + 1)}) ${messageOf(death)}`).join('; ')}`,
      { cause: deaths.at(-1) },
    );
    this.taskId = task.taskId;
    this.deaths = deaths;
  }
}

/** The retry handler returned something else than a number of 0 or more. `cause` is the error it was asked about. */
export class RetryCostError extends ParslError {
  readonly taskId: number;

  constructor(task: { readonly taskId: number; readonly name: string }, cost: unknown, error: unknown) {
    super(
      'PARSL_RETRY_COST',
      `the retryHandler returned ${typeof cost === 'number' ? String(cost) : `a ${typeof cost}`} for ${describe(task)}; it must return a number of 0 or more`,
      { cause: error },
    );
    this.taskId = task.taskId;
  }
}

/** An executor can never work again. `cause` tells why. */
export class ExecutorFailedError extends ParslError {
  /** Label of the executor. */
  readonly executor: string;

  constructor(executor: string, cause: unknown) {
    super('PARSL_EXECUTOR_FAILED', `executor '${executor}' has failed: ${messageOf(cause)}`, { cause });
    this.executor = executor;
  }
}

/** A derived future asked a result for a property that it does not have. */
export class ResultPropertyError extends ParslError {
  readonly taskId: number | undefined;
  readonly key: PropertyKey;

  constructor(task: TaskReference, key: PropertyKey, what: string) {
    super('PARSL_RESULT_PROPERTY', `the result of ${describe(task)} has no '${String(key)}': it is ${what}`);
    this.taskId = task.taskId;
    this.key = key;
  }
}

/** A task asks for something that its executor cannot do. */
export class UnsupportedOptionError extends ParslError {
  readonly executor: string;
  readonly option: string;

  constructor(executor: string, option: string, instead: string) {
    super('PARSL_UNSUPPORTED_OPTION', `executor '${executor}' does not support '${option}': ${instead}`);
    this.executor = executor;
    this.option = option;
  }
}

/** A task as messages call it. */
export function describe(task: TaskReference): string {
  return task.taskId === undefined ? task.name : `task ${String(task.taskId)} '${task.name}'`;
}

/** What an error, or whatever was thrown instead, says. Never throws, whatever getters and traps there are. */
export function messageOf(error: unknown): string {
  try {
    if (error instanceof Error) {
      const message: unknown = error.message;
      return String(message);
    }
    return typeof error === 'object' && error !== null ? 'an object that is not an error' : String(error);
  } catch {
    return 'an error that cannot be read';
  }
}
