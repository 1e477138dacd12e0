import { DependencyError, type FailedDependency } from '../errors.js';
import { futureOutcome, futurePhase } from '../futures/app-future.js';
import type { Task } from '../graph/task.js';
import { withoutStack } from '../without-stack.js';

/** The error of a task of which a dependency has failed; it names all that have failed so far. */
export function dependencyError(task: Task): Error {
  const failures: FailedDependency[] = [];
  for (const future of task.bindings?.futures ?? []) {
    if (futurePhase(future) === 'rejected') {
      failures.push({ taskId: future.taskId, name: future.name, error: futureOutcome(future) });
    }
  }
  const [first = { taskId: undefined, name: 'a dependency', error: undefined }, ...others] = failures;
  return withoutStack(() => new DependencyError(task, [first, ...others]));
}
