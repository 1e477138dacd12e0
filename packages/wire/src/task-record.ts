import { packControl, unpackControl, type EncodedValue } from './value-codec.js';
import {
  CODEC_OFFSET,
  decodePayload,
  DETACHED,
  FLAGS_OFFSET,
  isDetachable,
  payloadOf,
  type PackedRecord,
} from './record.js';
import { copyInto, recordSpace } from './record-slab.js';
import { LIMITS } from './protocol.js';
import { ProtocolError, SerializationError } from './wire-error.js';

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

const OPTIONS_OFFSET = 40;

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

/**
 * The task as a record, its arguments detached if they are large. The record shares a buffer with others if it is small.
 *
 * @throws SerializationError when its options are too large
 */
export function writeTask(task: TaskToSend): PackedRecord {
  const options = task.options === undefined ? undefined : packControl(task.options);
  const optionsLength = options?.length ?? 0;
  if (optionsLength > LIMITS.optionsBytes) throw optionsTooLarge(optionsLength);
  const payload = task.args.bytes;
  const detached = isDetachable(payload.length);
  const length = TASK_HEAD_BYTES + optionsLength + (detached ? 0 : payload.length);
  const { source, view, start } = recordSpace(length);
  view.setUint32(start, length, true);
  view.setFloat64(start + 4, task.submission, true);
  view.setUint8(start + CODEC_OFFSET, task.args.codec);
  view.setUint8(start + FLAGS_OFFSET, detached ? DETACHED : 0);
  view.setUint16(start + 14, Math.min(task.attempt, 0xffff), true);
  view.setUint32(start + 16, task.functionIndex, true);
  view.setUint32(start + 20, timeoutField(task.timeoutMs), true);
  view.setFloat64(start + 24, task.taskId, true);
  view.setFloat64(start + 32, Number.isNaN(task.priority) ? Infinity : task.priority, true);
  view.setUint32(start + OPTIONS_OFFSET, optionsLength, true);
  if (options !== undefined) copyInto(source, start + TASK_HEAD_BYTES, options);
  if (!detached) copyInto(source, start + TASK_HEAD_BYTES + optionsLength, payload);
  return { source, start, end: start + length, detached: detached ? payload : undefined };
}

function optionsTooLarge(bytes: number): SerializationError {
  return new SerializationError(
    'options',
    `the names of the files for its output take ${bytes} bytes of ${LIMITS.optionsBytes} allowed; give shorter paths`,
  );
}

/** A part of a ms must not become 0, which is no limit at all; what does not fit (49 days) is no limit in practice. */
function timeoutField(timeoutMs: number): number {
  return timeoutMs > 0 ? Math.min(Math.ceil(timeoutMs), 0xffffffff) : 0;
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
  /** Never throws: whether they can be read is found out where they are used, so that only the one task fails. */
  hasOptions: (record: PackedRecord) => record.source.readUInt32LE(record.start + OPTIONS_OFFSET) > 0,
  /** Where the arguments begin, from the start of the record, unless they are detached. */
  payloadStart: (record: PackedRecord) => TASK_HEAD_BYTES + optionsLength(record),
  /** @throws DeserializationError when they cannot be read, ProtocolError when the options do not fit. */
  decodedArgs: (record: PackedRecord): unknown =>
    decodePayload(record, TASK_HEAD_BYTES + optionsLength(record)),
  /** @throws ProtocolError when the encoding is not known. */
  args: (record: PackedRecord): EncodedValue => payloadOf(record, TASK_HEAD_BYTES + optionsLength(record)),
} as const;

function optionsLength(record: PackedRecord): number {
  const length = record.source.readUInt32LE(record.start + OPTIONS_OFFSET);
  if (record.start + TASK_HEAD_BYTES + length > record.end)
    throw new ProtocolError('task options do not fit');
  return length;
}
