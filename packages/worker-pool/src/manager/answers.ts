import {
  AppTimeoutError,
  Codec,
  encodeError,
  ManagerLost,
  packControl,
  ParslError,
  ResultStatus,
  taskField,
  WorkerLost,
  writeResult,
  type PackedRecord,
  type ProcessEnd,
} from '@parsl-ts/wire';

import { type HeldTask } from './held-task.js';

/** Who a manager is, for the errors it reports. */
export interface ManagerIdentity {
  readonly id: string;
  readonly host: string;
  readonly blockId: string;
  /** The pool's log, if it has one. */
  readonly logFile?: string | undefined;
}

/** Makes the result records that a manager itself writes. */
export class Answers {
  private readonly identity: ManagerIdentity;

  constructor(identity: ManagerIdentity) {
    this.identity = identity;
  }

  workerName(rank: number): string {
    return `${this.identity.id}/${String(rank)}`;
  }

  started(task: HeldTask, rank: number): PackedRecord {
    const place = { worker: this.workerName(rank), host: this.identity.host };
    const payload = {
      codec: Codec.msgpack,
      bytes: packControl(place),
    };
    return writeResult(task.submission, ResultStatus.started, 0, payload, true, task.fn.index);
  }

  /** A task that fails without having been started. */
  failed(record: PackedRecord, error: Error): PackedRecord {
    return failure(taskField.submission(record), taskField.functionIndex(record), error, 0);
  }

  /** @param death.ran whether the worker had begun with the task */
  workerLost(
    task: HeldTask,
    rank: number,
    death: { readonly end: ProcessEnd; readonly hint: string; readonly ran: boolean },
    runtimeUs: number,
  ): PackedRecord {
    const place = { host: this.identity.host, worker: this.workerName(rank) };
    const when = death.ran
      ? undefined
      : `before it started this task, as ${String(task.spared - 1)} had before`;
    const error = new WorkerLost(place, death.end, death.hint, when);
    return failure(task.submission, task.fn.index, error, runtimeUs);
  }

  managerLost(task: HeldTask, why: string): PackedRecord {
    return failure(task.submission, task.fn.index, new ManagerLost(this.identity, why), 0);
  }

  timedOut(task: HeldTask, how: string, runtimeUs: number): PackedRecord {
    return failure(task.submission, task.fn.index, new AppTimeoutError(task.timeoutMs, how), runtimeUs);
  }

  cancelled(task: HeldTask, reason: string): PackedRecord {
    const error = new ParslError('PARSL_TASK_CANCELLED', `cancelled: ${reason}`);
    return failure(task.submission, task.fn.index, error, 0);
  }

  /** The function was not announced before the task. */
  unknownFunction(record: PackedRecord): PackedRecord {
    const index = taskField.functionIndex(record);
    return this.failed(
      record,
      new ParslError(
        'PARSL_PROTOCOL',
        `function ${String(index)} never came to worker pool ${this.identity.id}`,
      ),
    );
  }
}

function failure(submission: number, functionIndex: number, error: Error, runtimeUs: number): PackedRecord {
  return writeResult(submission, ResultStatus.failed, runtimeUs, encodeError(error), true, functionIndex);
}
