import type { Task } from './task.js';

/** What the graph wants done. The kernel does it, in this order, and tells the graph what came of it. */
export type Instruction =
  /** All dependencies have values: give the task to an executor. */
  | { readonly do: 'launch'; readonly task: Task }
  /** A join app has returned `body`: wait for the futures in it. */
  | { readonly do: 'join'; readonly task: Task; readonly body: unknown }
  /** Ask the executor to drop the task's current try, or the joined futures to stop. */
  | { readonly do: 'stop'; readonly task: Task; readonly error: Error }
  /** The task has ended well. */
  | { readonly do: 'fulfil'; readonly task: Task; readonly value: unknown }
  /** The task has ended badly. */
  | { readonly do: 'reject'; readonly task: Task; readonly error: unknown };
