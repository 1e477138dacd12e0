import { TooManyTasksError } from '@parsl-ts/core';

/** How many bytes of large arguments are outstanding. Small ones are bounded by the number of tasks. */
export class PayloadBytes {
  private readonly executor: string;
  private readonly limit: number;
  private readonly bySubmission = new Map<number, number>();
  private sum = 0;

  /** @param executor its label, for errors */
  constructor(executor: string, limit: number) {
    this.executor = executor;
    this.limit = limit;
  }

  get total(): number {
    return this.sum;
  }

  /** @throws TooManyTasksError when there is no room; a submission that is alone always finds room. */
  add(submission: number, bytes: number): void {
    if (this.sum > 0 && this.sum + bytes > this.limit) {
      throw new TooManyTasksError(
        'maxOutstandingBytes',
        `tasks of executor '${this.executor}' with ${this.sum} bytes of arguments`,
      );
    }
    this.bySubmission.set(submission, bytes);
    this.sum += bytes;
  }

  /** The submission is settled. Costs nothing when no arguments are large. */
  remove(submission: number): void {
    if (this.sum === 0) return;
    this.sum -= this.bySubmission.get(submission) ?? 0;
    this.bySubmission.delete(submission);
  }

  clear(): void {
    this.bySubmission.clear();
    this.sum = 0;
  }
}
