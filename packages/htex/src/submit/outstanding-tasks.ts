import type { ExecutorTask } from '@parsl-ts/core';

/** The tasks that have been submitted and are not settled, by submission number. */
export class OutstandingTasks {
  private readonly tasks = new Map<number, ExecutorTask>();
  /** Only kept by programs that cancel: it would cost every task something. */
  private submissions: Map<ExecutorTask, number> | undefined;
  private next = 0;

  get size(): number {
    return this.tasks.size;
  }

  add(task: ExecutorTask): number {
    const submission = this.next++;
    this.tasks.set(submission, task);
    this.submissions?.set(task, submission);
    return submission;
  }

  get(submission: number): ExecutorTask | undefined {
    return this.tasks.get(submission);
  }

  /** Takes the task out, for it to be settled; `undefined` if that has been done. */
  take(submission: number): ExecutorTask | undefined {
    const task = this.tasks.get(submission);
    if (task === undefined) return undefined;
    this.tasks.delete(submission);
    this.submissions?.delete(task);
    return task;
  }

  takeAll(): ExecutorTask[] {
    const all = [...this.tasks.values()];
    this.tasks.clear();
    this.submissions = undefined;
    return all;
  }

  submissionOf(task: ExecutorTask): number | undefined {
    this.submissions ??= new Map(Array.from(this.tasks, ([submission, each]) => [each, submission]));
    return this.submissions.get(task);
  }
}
