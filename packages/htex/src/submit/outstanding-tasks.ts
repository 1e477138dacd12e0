import type { ExecutorTask } from '@parsl-ts/core';

const PAGE_SIZE = 1024;

/** Tasks of a run of submission numbers. */
interface Page {
  readonly tasks: (ExecutorTask | undefined)[];
  /** What they take. No task has more than fits into 32 bits. */
  readonly bytes: Uint32Array;
  left: number;
}

/**
 * The tasks that have been submitted and are not settled, by submission number. Numbers are given out in order, so they
 * lie in pages, which costs a fraction of a map with an entry for each; a page goes when its last task is settled.
 */
export class OutstandingTasks {
  private readonly pages = new Map<number, Page>();
  private current: Page | undefined;
  /** Only kept by programs that cancel: it would cost every task something. */
  private submissions: Map<ExecutorTask, number> | undefined;
  private next = 0;
  private count = 0;
  private sum = 0;
  /** The page that was looked at last: results come in about the order of submission. */
  private lastIndex = -1;
  private last: Page | undefined;

  get size(): number {
    return this.count;
  }

  /** Bytes that were noted of them. */
  get bytes(): number {
    return this.sum;
  }

  add(task: ExecutorTask): number {
    const submission = this.next++;
    const slot = submission % PAGE_SIZE;
    if (slot === 0 || this.current === undefined) {
      this.current = { tasks: [], bytes: new Uint32Array(PAGE_SIZE), left: 0 };
      this.pages.set(Math.floor(submission / PAGE_SIZE), this.current);
      this.lastIndex = -1;
    }
    this.current.tasks[slot] = task;
    this.current.left++;
    this.count++;
    this.submissions?.set(task, submission);
    return submission;
  }

  /** The task takes so many bytes as long as it is outstanding. To be said once. */
  noteBytes(submission: number, bytes: number): void {
    const page = this.pageOf(submission);
    const slot = submission % PAGE_SIZE;
    if (page?.tasks[slot] === undefined) return;
    page.bytes[slot] = bytes;
    this.sum += bytes;
  }

  get(submission: number): ExecutorTask | undefined {
    return this.pageOf(submission)?.tasks[submission % PAGE_SIZE];
  }

  /** Takes the task out, for it to be settled; `undefined` if that has been done. */
  take(submission: number): ExecutorTask | undefined {
    const page = this.pageOf(submission);
    const slot = submission % PAGE_SIZE;
    const task = page?.tasks[slot];
    if (page === undefined || task === undefined) return undefined;
    page.tasks[slot] = undefined;
    this.sum -= page.bytes[slot] ?? 0;
    this.count--;
    if (--page.left === 0 && page !== this.current) {
      this.pages.delete(Math.floor(submission / PAGE_SIZE));
      this.lastIndex = -1;
    }
    this.submissions?.delete(task);
    return task;
  }

  takeAll(): ExecutorTask[] {
    const all = [...this.entries()].map(([, task]) => task);
    this.pages.clear();
    this.current = undefined;
    this.lastIndex = -1;
    this.submissions = undefined;
    this.count = 0;
    this.sum = 0;
    return all;
  }

  submissionOf(task: ExecutorTask): number | undefined {
    this.submissions ??= new Map(Array.from(this.entries(), ([submission, each]) => [each, submission]));
    return this.submissions.get(task);
  }

  /** In order of submission. */
  *entries(): Generator<[number, ExecutorTask]> {
    for (const [index, { tasks }] of this.pages) {
      for (const [slot, task] of tasks.entries()) {
        if (task !== undefined) yield [index * PAGE_SIZE + slot, task];
      }
    }
  }

  private pageOf(submission: number): Page | undefined {
    const index = Math.floor(submission / PAGE_SIZE);
    if (index !== this.lastIndex) {
      this.last = this.pages.get(index);
      this.lastIndex = index;
    }
    return this.last;
  }
}
