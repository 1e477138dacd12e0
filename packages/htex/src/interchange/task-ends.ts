import {
  encodeError,
  ResultStatus,
  taskField,
  writeResult,
  type EncodedValue,
  type PackedRecord,
} from '@parsl-ts/wire';

/** What became of tasks, until it is reported, and which of those that managers have are to be stopped. */
export class TaskEnds {
  private results: PackedRecord[] = [];
  /** Why a manager was told to stop them, until they have ended. */
  private readonly cancelled = new Map<number, string>();

  /** Whether {@link take} has something. */
  get isEmpty(): boolean {
    return this.results.length === 0;
  }

  /** Takes out what is to be reported. */
  take(): PackedRecord[] {
    const { results } = this;
    this.results = [];
    return results;
  }

  /** A manager has said something of a task. */
  add(record: PackedRecord): void {
    this.results.push(record);
  }

  /** It has ended, or is nobody's any more. Tells whether it was to be stopped. */
  forget(submission: number): boolean {
    return this.cancelled.size > 0 && this.cancelled.delete(submission);
  }

  fail(submission: number, error: EncodedValue): void {
    this.forget(submission);
    this.results.push(writeResult(submission, ResultStatus.failed, 0, error, false));
  }

  failCancelled(submissions: readonly number[], reason: string): void {
    if (submissions.length === 0) return;
    const error = encodeError(new Error(`cancelled: ${reason}`));
    for (const submission of submissions) this.fail(submission, error);
  }

  /** A manager is told to stop it. */
  cancel(submission: number, reason: string): void {
    this.cancelled.set(submission, reason);
  }

  /** Why it is to be stopped; `undefined`: it is not. */
  whyCancelled(submission: number): string | undefined {
    return this.cancelled.size === 0 ? undefined : this.cancelled.get(submission);
  }

  /** The tasks but for those that are to be stopped, which fail. */
  failIfCancelled(records: readonly PackedRecord[]): PackedRecord[] {
    return records.filter((record) => {
      const submission = taskField.submission(record);
      const reason = this.whyCancelled(submission);
      if (reason !== undefined) this.failCancelled([submission], reason);
      return reason === undefined;
    });
  }
}
