/**
 * Where a task stands.
 *
 * - `pending`: waits for its dependencies, or for its next try
 * - `launched`: an executor has it
 * - `running`: its function has started
 * - `joining`: a join app has returned, and what it returned is waited for
 * - `fail_retryable`: a try has failed and another follows
 * - `exec_done`: has a result
 * - `memo_done`: has a result from an earlier run; not reached so far, as no results are kept from run to run
 * - `failed`: the last try failed
 * - `dep_fail`: not run, because a dependency failed
 * - `cancelled`: given up because somebody asked for it
 */
export type TaskState =
  | 'pending'
  | 'launched'
  | 'running'
  | 'joining'
  | 'fail_retryable'
  | 'exec_done'
  | 'memo_done'
  | 'failed'
  | 'dep_fail'
  | 'cancelled';

/** The states that a task never leaves. */
export const FINAL_TASK_STATES: ReadonlySet<TaskState> = new Set([
  'exec_done',
  'memo_done',
  'failed',
  'dep_fail',
  'cancelled',
]);
