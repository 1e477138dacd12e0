import { packControl, unpackControl, type EncodedValue } from './value-codec.js';
import {
  CODEC_OFFSET,
  DETACHED,
  FLAGS_OFFSET,
  isDetachable,
  payloadOf,
  type PackedRecord,
} from './record.js';
import { ProtocolError } from './wire-error.js';

/**
 * One try of one task as it travels to a worker:
 *
 * | offset | | |
 * |---|---|---|
 * | 0 | u32 | length of the record |
 * | 4 | f64 | submission: unique per try within its executor |
 * | 12 | u8 | codec of the arguments |
 * | 13 | u8 | flags |
 * | 14 | u16 | attempt, from 0 |
 * | 16 | u32 | function: index announced by a `code` message |
 * | 20 | u32 | timeoutMs, 0 for none |
 * | 24 | f64 | task id in the kernel |
 * | 32 | f64 | priority; +Infinity for none |
 * | 40 | u32 | length of the options |
 * | 44 | | options, MessagePack; then the arguments |
 */
export const TASK_HEAD_BYTES = 44;

/** What few tasks have. */
export interface TaskOptions {
  /** File that takes the function's standard output, appended. Absolute path on the worker's host. */
  readonly stdout?: string;
  readonly stderr?: string;
}

/** A task to be sent. */
export interface TaskToSend {
  readonly submission: number;
  readonly taskId: number;
  readonly attempt: number;
  readonly functionIndex: number;
  /** In ms; 0 for none. */
  readonly timeoutMs: number;
  /** Smaller runs sooner; `Infinity` for none. */
  readonly priority: number;
  readonly options: TaskOptions | undefined;
  readonly args: EncodedValue;
}

/** The task as a record of its own buffer, its arguments detached if they are large. */
export function writeTask(task: TaskToSend): PackedRecord {
  const options = task.options === undefined ? undefined : packControl(task.options);
  const optionsLength = options?.length ?? 0;
  const payload = task.args.bytes;
  const detached = isDetachable(payload.length);
  const length = TASK_HEAD_BYTES + optionsLength + (detached ? 0 : payload.length);
  const record = Buffer.allocUnsafe(length);
  record.writeUInt32LE(length, 0);
  record.writeDoubleLE(task.submission, 4);
  record[CODEC_OFFSET] = task.args.codec;
  record[FLAGS_OFFSET] = detached ? DETACHED : 0;
  record.writeUInt16LE(Math.min(task.attempt, 0xffff), 14);
  record.writeUInt32LE(task.functionIndex, 16);
  record.writeUInt32LE(task.timeoutMs, 20);
  record.writeDoubleLE(task.taskId, 24);
  record.writeDoubleLE(task.priority, 32);
  record.writeUInt32LE(optionsLength, 40);
  options?.copy(record, TASK_HEAD_BYTES);
  if (!detached) payload.copy(record, TASK_HEAD_BYTES + optionsLength);
  return { source: record, start: 0, end: length, detached: detached ? payload : undefined };
}

/** Reads one field of a task record without the others. */
export const taskField = {
  submission: (record: PackedRecord) => record.source.readDoubleLE(record.start + 4),
  attempt: (record: PackedRecord) => record.source.readUInt16LE(record.start + 14),
  functionIndex: (record: PackedRecord) => record.source.readUInt32LE(record.start + 16),
  timeoutMs: (record: PackedRecord) => record.source.readUInt32LE(record.start + 20),
  taskId: (record: PackedRecord) => record.source.readDoubleLE(record.start + 24),
  priority: (record: PackedRecord) => record.source.readDoubleLE(record.start + 32),
  /** @throws ProtocolError when the options do not fit into the record or are none. */
  options: (record: PackedRecord): TaskOptions => {
    const length = optionsLength(record);
    if (length === 0) return {};
    const start = record.start + TASK_HEAD_BYTES;
    const options = unpackControl(record.source.subarray(start, start + length));
    if (typeof options !== 'object' || options === null)
      throw new ProtocolError('task options are not an object');
    const stdout: unknown = Reflect.get(options, 'stdout');
    const stderr: unknown = Reflect.get(options, 'stderr');
    return {
      ...(typeof stdout === 'string' ? { stdout } : {}),
      ...(typeof stderr === 'string' ? { stderr } : {}),
    };
  },
  hasOptions: (record: PackedRecord) => optionsLength(record) > 0,
  /** Where the arguments begin, from the start of the record, unless they are detached. */
  payloadStart: (record: PackedRecord) => TASK_HEAD_BYTES + optionsLength(record),
  /** @throws ProtocolError when the encoding is not known. */
  args: (record: PackedRecord): EncodedValue => payloadOf(record, TASK_HEAD_BYTES + optionsLength(record)),
} as const;

function optionsLength(record: PackedRecord): number {
  const length = record.source.readUInt32LE(record.start + 40);
  if (record.start + TASK_HEAD_BYTES + length > record.end)
    throw new ProtocolError('task options do not fit');
  return length;
}
