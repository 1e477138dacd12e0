/**
 * What a running function may know of its task. A function gets it as its last parameter, which callers do not pass, if
 * that parameter is named `ctx` or `taskContext`, or if its app was made with `{ context: true }`.
 */
export interface TaskContext {
  /** Number of the task in its kernel, from 0. */
  readonly taskId: number;
  /** Number of the try, from 0. */
  readonly attempt: number;
  /** Identifies the worker within its executor. */
  readonly worker: string;
  /** Fires when the task is cancelled or runs out of time. A function that heeds it can clean up before it is stopped. */
  readonly signal: AbortSignal;
}
