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
    return writeResult(task.submission, ResultStatus.started, 0, {
      codec: Codec.msgpack,
      bytes: packControl(place),
    });
  }

  failed(submission: number, error: Error, runtimeUs = 0): PackedRecord {
    return writeResult(submission, ResultStatus.failed, runtimeUs, encodeError(error));
  }

  workerLost(task: HeldTask, rank: number, end: ProcessEnd, hint: string): PackedRecord {
    const place = { host: this.identity.host, worker: this.workerName(rank) };
    return this.failed(task.submission, new WorkerLost(place, end, hint));
  }

  managerLost(task: HeldTask, why: string): PackedRecord {
    return this.failed(task.submission, new ManagerLost(this.identity, why));
  }

  timedOut(task: HeldTask, how: string, runtimeUs: number): PackedRecord {
    return this.failed(task.submission, new AppTimeoutError(task.timeoutMs, how), runtimeUs);
  }

  cancelled(task: HeldTask, reason: string): PackedRecord {
    return this.failed(task.submission, new ParslError('PARSL_TASK_CANCELLED', `cancelled: ${reason}`));
  }

  /** The function was not announced before the task. */
  unknownFunction(record: PackedRecord): PackedRecord {
    const index = taskField.functionIndex(record);
    return this.failed(
      taskField.submission(record),
      new ParslError(
        'PARSL_PROTOCOL',
        `function ${String(index)} never came to worker pool ${this.identity.id}`,
      ),
    );
  }
}
