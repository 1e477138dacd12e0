import { type HeldSubmission, type PackedRecord, resultField } from '@parsl-ts/wire';

/** When so many results at the front have been delivered, what holds them is cut off. */
const CUT_AFTER = 1024;

/**
 * Results that the interchange has not said to be with the submit process. Should the interchange die, or the connection to
 * it break, they are sent again.
 */
export class UndeliveredResults {
  private records: (PackedRecord | undefined)[] = [];
  private taskIds: number[] = [];
  /** Of `records`, from the start: these are delivered. */
  private done = 0;
  private delivered = 0;

  /** How many results have been delivered since the start of the pool. */
  get deliveredCount(): number {
    return this.delivered;
  }

  get isEmpty(): boolean {
    return this.records.length === 0;
  }

  /** @param taskIds one for each record */
  add(records: readonly PackedRecord[], taskIds: readonly number[]): void {
    for (const record of records) this.records.push(record);
    for (const taskId of taskIds) this.taskIds.push(taskId);
  }

  /**
   * All up to a result are delivered.
   *
   * @param count its number, counted from the start of the pool
   * @param last its submission
   * @returns whether that is so: with another submission nothing has changed
   */
  deliveredUpTo(count: number, last: number): boolean {
    if (count <= this.delivered) return true;
    const end = this.done + count - this.delivered;
    const record = this.records[end - 1];
    if (record === undefined || resultField.submission(record) !== last) return false;
    this.records.fill(undefined, this.done, end);
    this.done = end;
    this.delivered = count;
    if (this.done === this.records.length) {
      this.records = [];
      this.taskIds = [];
      this.done = 0;
    } else if (this.done >= CUT_AFTER) {
      this.records = this.records.slice(this.done);
      this.taskIds = this.taskIds.slice(this.done);
      this.done = 0;
    }
    return true;
  }

  /** Oldest first. */
  all(): PackedRecord[] {
    return this.records.filter((record) => record !== undefined);
  }

  /** Whose results they are. */
  tasks(): HeldSubmission[] {
    return this.all().map((record, index) => ({
      submission: resultField.submission(record),
      taskId: this.taskIds[this.done + index] ?? NaN,
    }));
  }
}
