import type { ExecutorTask } from '@parsl-ts/core';
import { encodeValue, writeTask, type EncodedValue, type PackedRecord } from '@parsl-ts/wire';

import { ToInterchange } from '../link/link-protocol.js';
import { taskBytes } from './byte-limit.js';
import type { LinkHolder } from './link-holder.js';

/** Tasks are sent before the turn ends when there are so many bytes of them. */
const FLUSH_BYTES = 256 * 1024;
const MAX_TIMEOUT_MS = 2 ** 32 - 1;

/** Sends tasks to the interchange, all those of one turn of the event loop together. */
export class TaskSender {
  private readonly client: LinkHolder;
  private records: PackedRecord[] = [];
  private bytes = 0;
  private scheduled = false;

  constructor(client: LinkHolder) {
    this.client = client;
  }

  send(record: PackedRecord): void {
    this.records.push(record);
    this.bytes += taskBytes(record);
    if (this.bytes >= FLUSH_BYTES) this.flush();
    else this.schedule();
  }

  /** Sends what waits. What is sent over the link afterwards comes after it. */
  flush(): void {
    if (this.records.length === 0) return;
    const { records } = this;
    this.records = [];
    this.bytes = 0;
    this.client.link.sendRecords(ToInterchange.tasks, records);
  }

  /** Drops what waits. */
  clear(): void {
    this.records = [];
    this.bytes = 0;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }
}

let noArguments: EncodedValue | undefined;

/** @throws SerializationError when an argument cannot travel */
export function packTask(task: ExecutorTask, submission: number, functionIndex: number): PackedRecord {
  const { taskId, attempt, timeoutMs, priority, stdout, stderr } = task;
  const options =
    stdout === undefined && stderr === undefined
      ? undefined
      : { ...(stdout === undefined ? {} : { stdout }), ...(stderr === undefined ? {} : { stderr }) };
  const args =
    task.args.length === 0 ? (noArguments ??= encodeValue([], 'args')) : encodeValue(task.args, 'args');
  return writeTask({
    submission,
    taskId,
    attempt,
    functionIndex,
    timeoutMs: timeoutMs === undefined ? 0 : Math.min(Math.max(1, Math.ceil(timeoutMs)), MAX_TIMEOUT_MS),
    priority: priority ?? Infinity,
    options,
    args,
  });
}
