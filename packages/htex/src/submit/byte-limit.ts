import { TooManyTasksError } from '@parsl-ts/core';
import { recordLength, type PackedRecord } from '@parsl-ts/wire';

/** Bytes that the task takes where it waits: its arguments as they travel, and what is around them. */
export function taskBytes(record: PackedRecord): number {
  return recordLength(record) + (record.detached?.length ?? 0);
}

/** How many bytes of tasks may be outstanding. */
export class ByteLimit {
  private readonly executor: string;
  private readonly limit: number;

  /** @param executor its label, for errors */
  constructor(executor: string, limit: number) {
    this.executor = executor;
    this.limit = limit;
  }

  /**
   * Whether there is room for so many bytes beside those that are outstanding. A task that is alone always finds room.
   *
   * @throws TooManyTasksError when there is none
   */
  check(outstanding: number, bytes: number): void {
    if (outstanding === 0 || outstanding + bytes <= this.limit) return;
    throw new TooManyTasksError(
      'maxOutstandingBytes',
      `tasks of executor '${this.executor}' with ${outstanding} bytes of arguments`,
    );
  }
}
