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

  /** All up to the result with this number are delivered, counted from the start of the pool. */
  deliveredUpTo(count: number): void {
    while (this.delivered < count && this.done < this.records.length) {
      this.records[this.done++] = undefined;
      this.delivered++;
    }
    if (this.done === this.records.length) {
      this.records = [];
      this.taskIds = [];
      this.done = 0;
    } else if (this.done >= CUT_AFTER) {
      this.records = this.records.slice(this.done);
      this.taskIds = this.taskIds.slice(this.done);
      this.done = 0;
    }
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
