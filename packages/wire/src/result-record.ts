import type { EncodedValue } from './value-codec.js';
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

/**
 * What became of one submission, as it travels to the executor:
 *
 * | offset | | |
 * |---|---|---|
 * | 0 | u32 | length of the record |
 * | 4 | f64 | submission |
 * | 12 | u8 | codec of the payload |
 * | 13 | u8 | flags |
 * | 14 | u8 | {@link ResultStatus} |
 * | 15 | u8 | reserved, 0 |
 * | 16 | u32 | how long the function ran, in µs |
 * | 20 | u32 | function: index announced by a `code` message; {@link NO_FUNCTION} where it is not known |
 * | 24 | | payload |
 */
export const RESULT_HEAD_BYTES = 24;

/** The index of no function. */
export const NO_FUNCTION = 0xffffffff;

export const ResultStatus = {
  /** The payload is the result. */
  succeeded: 0,
  /** The payload is an error. */
  failed: 1,
  /** The function has started and goes on; the payload is a `StartedAt`. Not the last word on the submission. */
  started: 2,
} as const;

export type ResultStatus = (typeof ResultStatus)[keyof typeof ResultStatus];

/** Where a submission runs: the payload of a `started` record. */
export interface StartedAt {
  readonly worker: string;
  readonly host: string;
}

/** The outcome as a record, its payload detached if it is large and `mayDetach`. */
export function writeResult(
  submission: number,
  status: ResultStatus,
  runtimeUs: number,
  payload: EncodedValue,
  mayDetach = true,
  functionIndex = NO_FUNCTION,
): PackedRecord {
  const detached = mayDetach && isDetachable(payload.bytes.length);
  const length = RESULT_HEAD_BYTES + (detached ? 0 : payload.bytes.length);
  const { source, view, start } = recordSpace(length);
  view.setUint32(start, length, true);
  view.setFloat64(start + 4, submission, true);
  view.setUint8(start + CODEC_OFFSET, payload.codec);
  view.setUint8(start + FLAGS_OFFSET, detached ? DETACHED : 0);
  view.setUint8(start + 14, status);
  view.setUint8(start + 15, 0);
  view.setUint32(start + 16, Math.min(Math.max(0, Math.round(runtimeUs)), 0xffffffff), true);
  view.setUint32(start + 20, functionIndex, true);
  if (!detached) copyInto(source, start + RESULT_HEAD_BYTES, payload.bytes);
  return { source, start, end: start + length, detached: detached ? payload.bytes : undefined };
}

/** Reads one field of a result record without the others. */
export const resultField = {
  submission: (record: PackedRecord) => record.source.readDoubleLE(record.start + 4),
  status: (record: PackedRecord) => record.source[record.start + 14],
  runtimeUs: (record: PackedRecord) => record.source.readUInt32LE(record.start + 16),
  functionIndex: (record: PackedRecord) => record.source.readUInt32LE(record.start + 20),
  /** The result of a task that succeeded. @throws DeserializationError when it cannot be read. */
  value: (record: PackedRecord): unknown => decodePayload(record, RESULT_HEAD_BYTES),
  /** @throws ProtocolError when the encoding is not known. */
  payload: (record: PackedRecord): EncodedValue => payloadOf(record, RESULT_HEAD_BYTES),
} as const;
