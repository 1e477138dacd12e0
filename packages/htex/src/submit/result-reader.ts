import type { ExecutorTask } from '@parsl-ts/core';
import {
  decodeError,
  DeserializationError,
  forEachRecord,
  isStartedAt,
  ManagerLost,
  NO_FUNCTION,
  readBody,
  RESULT_HEAD_BYTES,
  resultField,
  ResultStatus,
  type PackedRecord,
} from '@parsl-ts/wire';

/** Whose results are read. */
export interface ResultReceiver {
  /** The task, which goes on. */
  peek(submission: number): ExecutorTask | undefined;
  /** The task, which is settled now; `undefined` if it has been. */
  take(submission: number): ExecutorTask | undefined;
  /** Why the task was cancelled, if it was: then the reason is its outcome. */
  cancelReason(submission: number): { readonly reason: unknown } | undefined;
  /** The task was lost with its worker pool. It is not settled yet. */
  lost(submission: number, error: ManagerLost): void;
  /** Rewrites the stack of an error of this task. */
  mapStack(task: ExecutorTask): ((stack: string) => string) | undefined;
}

/** Settles the tasks whose results are in the body of a frame. */
export function readResults(body: Buffer, receiver: ResultReceiver): void {
  forEachRecord(body, 0, RESULT_HEAD_BYTES, [], (record) => {
    const submission = resultField.submission(record);
    if (resultField.status(record) === ResultStatus.started) {
      const task = receiver.peek(submission);
      if (task !== undefined) tellStarted(task, record);
      return;
    }
    const cancelled = receiver.cancelReason(submission);
    const loss = cancelled === undefined ? lossOf(record) : undefined;
    if (loss !== undefined) return receiver.lost(submission, loss);
    const task = receiver.take(submission);
    if (task === undefined) return;
    if (cancelled === undefined) settle(task, record, receiver);
    else task.failed(cancelled.reason);
  });
}

/** The loss of a worker pool, if the interchange says that it is the end of the task. */
function lossOf(record: PackedRecord): ManagerLost | undefined {
  // Pools name the function of a task, and what one says of itself tells how it ends.
  if (resultField.status(record) !== ResultStatus.failed) return undefined;
  if (resultField.functionIndex(record) !== NO_FUNCTION) return undefined;
  try {
    const { codec, bytes } = resultField.payload(record);
    const error = decodeError(codec, bytes);
    return error instanceof ManagerLost && isLegible(error) ? error : undefined;
  } catch {
    return undefined;
  }
}

/** A pool can say the same, with anything in place of the texts that a message is made of here. */
function isLegible({ manager, host, blockId, reason, logFile }: ManagerLost): boolean {
  const texts: readonly unknown[] = [manager, host, blockId, reason, logFile ?? ''];
  return texts.every((each) => typeof each === 'string');
}

/** A result that cannot be read is the failure of its own task. */
function settle(task: ExecutorTask, record: PackedRecord, receiver: ResultReceiver): void {
  let value: unknown;
  let failed = true;
  try {
    if (resultField.status(record) === ResultStatus.succeeded) {
      value = resultField.value(record);
      failed = false;
    } else {
      const { codec, bytes } = resultField.payload(record);
      value = decodeError(codec, bytes, receiver.mapStack(task));
    }
  } catch (error) {
    value =
      error instanceof DeserializationError
        ? error
        : new DeserializationError('the result cannot be read', { cause: error });
  }
  if (failed) task.failed(value);
  else task.succeeded(value);
}

function tellStarted(task: ExecutorTask, record: PackedRecord): void {
  try {
    task.started(readBody(resultField.payload(record).bytes, isStartedAt));
  } catch {
    // Only where it runs is not known then.
  }
}
