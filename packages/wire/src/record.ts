import { Codec, decodeValue, type EncodedValue } from './value-codec.js';
import { fromFrames, toFrames } from './long-frames.js';
import { LIMITS } from './protocol.js';
import { ProtocolError } from './wire-error.js';

/**
 * Records: what a `tasks`, `returned` or `results` message is made of. All numbers are little-endian.
 *
 * Every record begins with its length in bytes (u32, itself included, a detached payload not), so that the interchange
 * and the manager pass it on without reading more than its head.
 */

/** The payload is not in the record: it follows in further frames of the message. */
export const DETACHED = 1;

/** A record where it lies in a received buffer, and its payload if that came in frames of its own. */
export interface PackedRecord {
  readonly source: Buffer;
  readonly start: number;
  readonly end: number;
  readonly detached: Buffer | undefined;
}

/** Offset of the submission in both kinds of records. */
const SUBMISSION_OFFSET = 4;
/** Offset of the flags in both kinds of records. */
export const FLAGS_OFFSET = 13;
/** Offset of the codec in both kinds of records. */
export const CODEC_OFFSET = 12;

/**
 * Finds the records in `body` from `offset` on and gives each to `visit`.
 *
 * @param headBytes Least length of a record.
 * @param frames Further frames of the message, in the order of the records that own them.
 * @throws ProtocolError when lengths do not fit; nothing was visited then.
 */
export function forEachRecord(
  body: Buffer,
  offset: number,
  headBytes: number,
  frames: readonly Buffer[],
  visit: (record: PackedRecord) => void,
): void {
  const detached = fromFrames(frames, LIMITS.payloadBytes);
  checkRecords(body, offset, headBytes, detached);
  let next = 0;
  for (let start = offset; start < body.length;) {
    const end = start + body.readUInt32LE(start);
    const isDetached = ((body[start + FLAGS_OFFSET] ?? 0) & DETACHED) !== 0;
    visit({ source: body, start, end, detached: isDetached ? detached[next++] : undefined });
    start = end;
  }
}

function checkRecords(body: Buffer, offset: number, headBytes: number, detached: readonly Buffer[]): void {
  let owners = 0;
  let count = 0;
  for (let start = offset; start < body.length;) {
    const length = start + headBytes <= body.length ? body.readUInt32LE(start) : 0;
    if (length < headBytes || start + length > body.length) {
      throw new ProtocolError(`record ${count} does not fit into its message`);
    }
    const isDetached = ((body[start + FLAGS_OFFSET] ?? 0) & DETACHED) !== 0;
    const payload = isDetached ? (detached[owners++]?.length ?? 0) : 0;
    if (length + payload > LIMITS.recordBytes) throw new ProtocolError(`record ${count} is too large`);
    start += length;
    if (++count > LIMITS.recordsPerMessage) throw new ProtocolError('too many records in one message');
  }
  if (owners !== detached.length) {
    throw new ProtocolError(`${owners} detached payloads announced, ${detached.length} came`);
  }
}

/** Gives the record, a task or a result, another submission, where it lies. */
export function renumber(record: PackedRecord, submission: number): void {
  record.source.writeDoubleLE(submission, record.start + SUBMISSION_OFFSET);
}

/** Bytes that the record takes in the batch. */
export function recordLength(record: PackedRecord): number {
  return record.end - record.start;
}

/**
 * Puts records together again into the frames of one message: preamble and records, then the detached payloads.
 */
export function joinRecords(preamble: Buffer, records: readonly PackedRecord[]): Buffer[] {
  let length = preamble.length;
  for (const record of records) length += record.end - record.start;
  const batch = Buffer.allocUnsafe(length);
  let at = preamble.copy(batch);
  const frames: Buffer[] = [batch];
  forEachRun(records, (source, start, end) => {
    at += source.copy(batch, at, start, end);
  });
  for (const record of records) {
    if (record.detached !== undefined) frames.push(...toFrames(record.detached));
  }
  return frames;
}

/** Records that lie side by side are copied as one: those of one message, and small ones written one after the other. */
function forEachRun(
  records: readonly PackedRecord[],
  visit: (source: Buffer, start: number, end: number) => void,
): void {
  const first = records[0];
  if (first === undefined) return;
  let { source, start, end } = first;
  for (let index = 1; index < records.length; index++) {
    const record = records[index];
    if (record === undefined) break;
    if (record.source === source && record.start === end) {
      end = record.end;
      continue;
    }
    visit(source, start, end);
    ({ source, start, end } = record);
  }
  visit(source, start, end);
}

/** A record's payload, wherever it is. `payloadStart` counts from the start of the record. */
export function payloadOf(record: PackedRecord, payloadStart: number): EncodedValue {
  const codec = record.source[record.start + CODEC_OFFSET];
  if (codec !== Codec.msgpack && codec !== Codec.v8) {
    throw new ProtocolError(`a payload has the unknown encoding ${String(codec)}`);
  }
  return { codec, bytes: record.detached ?? record.source.subarray(record.start + payloadStart, record.end) };
}

/**
 * The value of a record's payload, wherever it is. `payloadStart` counts from the start of the record.
 *
 * @throws DeserializationError when it is none.
 */
export function decodePayload(record: PackedRecord, payloadStart: number): unknown {
  const { source, start, end, detached } = record;
  const codec = source[start + CODEC_OFFSET] ?? 0;
  return detached === undefined
    ? decodeValue(codec, source, start + payloadStart, end)
    : decodeValue(codec, detached);
}

/** Whether a payload of this many bytes goes into a frame of its own. */
export function isDetachable(bytes: number): boolean {
  return bytes >= LIMITS.detachBytes;
}

/** The record as chunks of a byte stream, where nothing can be detached. */
export function attachPayload(record: PackedRecord): Buffer[] {
  const inRecord = record.source.subarray(record.start, record.end);
  if (record.detached === undefined) return [inRecord];
  const head = Buffer.from(inRecord);
  head.writeUInt32LE(head.length + record.detached.length, 0);
  head[FLAGS_OFFSET] = (head[FLAGS_OFFSET] ?? 0) & ~DETACHED;
  return [head, record.detached];
}

/** Many records as few chunks of a byte stream, where nothing can be detached. */
export function attachPayloads(records: readonly PackedRecord[]): Buffer[] {
  const chunks: Buffer[] = [];
  const small: PackedRecord[] = [];
  const flush = (): void => {
    forEachRun(small, (source, start, end) => chunks.push(source.subarray(start, end)));
    small.length = 0;
  };
  for (const record of records) {
    if (record.detached === undefined) {
      small.push(record);
    } else {
      flush();
      chunks.push(...attachPayload(record));
    }
  }
  flush();
  return chunks;
}

/** The record with its payload in a frame of its own if it is large. `payloadStart` counts from the record's start. */
export function detachPayload(record: PackedRecord, payloadStart: number): PackedRecord {
  const payloadAt = record.start + payloadStart;
  if (record.detached !== undefined || !isDetachable(record.end - payloadAt)) return record;
  const head = Buffer.from(record.source.subarray(record.start, payloadAt));
  head.writeUInt32LE(head.length, 0);
  head[FLAGS_OFFSET] = (head[FLAGS_OFFSET] ?? 0) | DETACHED;
  return {
    source: head,
    start: 0,
    end: head.length,
    detached: record.source.subarray(payloadAt, record.end),
  };
}
