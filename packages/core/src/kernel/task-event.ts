import type { TaskView } from '../graph/task.js';
import type { TaskState } from '../graph/task-state.js';

/** One change of a task's state. The listener hears of it before the task's future does. */
export interface TaskEvent {
  readonly task: TaskView;
  /** `undefined` for a task that was just submitted. */
  readonly from: TaskState | undefined;
  readonly to: TaskState;
  /** When, in ms since 1970. */
  readonly at: number;
  /** The value of `exec_done`; the error of `failed`, `dep_fail`, `cancelled` and `fail_retryable`. */
  readonly outcome: unknown;
}

/** Is called at each change, in the turn of the change: keep it short. What it throws is logged and ignored. */
export type TaskListener = (event: TaskEvent) => void;
