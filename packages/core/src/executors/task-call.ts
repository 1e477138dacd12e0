import type { ExecutorTask } from '../executor.js';
import type { TaskContext } from '../task-context.js';

/** The arguments that the function of a task is called with: its own, and the context where it takes one. */
export function callArguments(task: ExecutorTask, context: () => TaskContext): readonly unknown[] {
  const { args } = task;
  const index = task.app.contextIndex;
  if (index < 0 || args.length > index) {
    return args;
  }
  const complete = [...args];
  complete.length = index;
  complete.push(context());
  return complete;
}

/** Whether the function of a task is given a context. */
export function takesContext(task: ExecutorTask): boolean {
  const index = task.app.contextIndex;
  return index >= 0 && task.args.length <= index;
}
