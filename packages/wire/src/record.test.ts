import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { toFrames } from './long-frames.js';
import { LIMITS } from './protocol.js';
import {
  attachPayload,
  attachPayloads,
  DETACHED,
  detachPayload,
  FLAGS_OFFSET,
  forEachRecord,
  joinRecords,
  recordLength,
  type PackedRecord,
} from './record.js';
import { RESULT_HEAD_BYTES, resultField, ResultStatus, writeResult } from './result-record.js';
import { fuzzRuns, fuzzTimeoutMs } from './testing/fuzz-runs.js';
import { Codec } from './value-codec.js';
import { ProtocolError } from './wire-error.js';

const RUNS = fuzzRuns(100);
const PREAMBLE = Buffer.from('head');

function result(submission: number, bytes: Buffer, mayDetach = true): PackedRecord {
  return writeResult(submission, ResultStatus.succeeded, 1, { codec: Codec.msgpack, bytes }, mayDetach);
}

function read(body: Buffer, detached: readonly Buffer[] = [], offset = 0): PackedRecord[] {
  const records: PackedRecord[] = [];
  forEachRecord(body, offset, RESULT_HEAD_BYTES, detached, (record) => records.push(record));
  return records;
}

const contents = (records: readonly PackedRecord[]): unknown[] =>
  records.map((record) => [
    resultField.submission(record),
    resultField.payload(record).bytes.toString('latin1'),
  ]);

/** Sizes about those at which a record changes its place: loop or copy, shared or own buffer, detached or not. */
const payloads = fc.array(
  fc
    .tuple(
      fc.constantFrom(0, 1, 47, 48, 49, 2027, 2028, 2029, 16_384, LIMITS.detachBytes - 1, LIMITS.detachBytes),
      fc.nat(255),
    )
    .map(([size, fill]) => Buffer.alloc(size, fill)),
  { maxLength: 20 },
);

test(
  'records of any sizes come through a message and through a stream',
  () => {
    fc.assert(
      fc.property(payloads, (bytes) => {
        const records = bytes.map((some, index) => result(index, some));
        const expected = bytes.map((some, index) => [index, some.toString('latin1')]);
        expect(contents(records)).toEqual(expected);

        const [body, ...detached] = joinRecords(PREAMBLE, records);
        const received = read(body!, detached, PREAMBLE.length);
        expect(contents(received)).toEqual(expected);
        expect(body!.length).toBe(
          received.reduce((sum, record) => sum + recordLength(record), PREAMBLE.length),
        );

        const stream = Buffer.concat(attachPayloads(received));
        expect(stream.equals(Buffer.concat(received.flatMap((record) => attachPayload(record))))).toBe(true);
        const streamed = read(stream);
        expect(streamed.every((record) => record.detached === undefined)).toBe(true);
        expect(contents(streamed)).toEqual(expected);

        const again = streamed.map((record) => detachPayload(record, RESULT_HEAD_BYTES));
        expect(again.map((record) => record.detached?.length)).toEqual(
          received.map((record) => record.detached?.length),
        );
        expect(contents(again)).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  },
  fuzzTimeoutMs(RUNS),
);

test('neighbours are given to a stream as one chunk', () => {
  const [body] = joinRecords(
    PREAMBLE,
    Array.from({ length: 100 }, (_, index) => result(index, Buffer.alloc(9))),
  );
  expect(attachPayloads(read(body!, [], PREAMBLE.length))).toHaveLength(1);
});

test('taking payloads apart leaves the original record as it was', () => {
  const record = result(1, Buffer.alloc(LIMITS.detachBytes, 7));
  const before = Buffer.from(record.source);
  attachPayload(record);
  expect(record.source.equals(before)).toBe(true);
  const attached = result(1, Buffer.alloc(LIMITS.detachBytes, 7), false);
  detachPayload(attached, RESULT_HEAD_BYTES);
  expect(resultField.payload(attached).bytes).toHaveLength(LIMITS.detachBytes);
  expect(attached.detached).toBeUndefined();
});

describe('refused, without visiting any record', () => {
  const good = Buffer.concat(attachPayload(result(1, Buffer.from([1]))));

  function withLength(length: number): Buffer {
    const bytes = Buffer.from(good);
    bytes.writeUInt32LE(length, 0);
    return Buffer.concat([good, bytes]);
  }

  test.each([
    ['a record of no bytes', withLength(0)],
    ['a record shorter than its head', withLength(RESULT_HEAD_BYTES - 1)],
    ['a record one byte too long', withLength(good.length + 1)],
    ['a record of 4 GiB', withLength(0xffffffff)],
    ['a rest that is no record', Buffer.concat([good, Buffer.alloc(3)])],
    ['a head cut short', Buffer.concat([good, good.subarray(0, RESULT_HEAD_BYTES - 1)])],
  ])('%s', (_, body) => {
    let visited = 0;
    const visit = (): unknown => visited++;
    expect(() => forEachRecord(body, 0, RESULT_HEAD_BYTES, [], visit)).toThrow(ProtocolError);
    expect(visited).toBe(0);
  });

  test('payloads that are missing or belong to nobody', () => {
    const [body, payload] = joinRecords(Buffer.alloc(0), [result(1, Buffer.alloc(LIMITS.detachBytes))]);
    expect(() => read(body!)).toThrow('1 detached payloads announced, 0 came');
    expect(() => read(body!, [payload!, payload!])).toThrow(ProtocolError);
    expect(() => read(good, [payload!])).toThrow(ProtocolError);
  });

  test('a record that no stream could take, its payload in a frame of its own included', () => {
    const bytes = Buffer.alloc(2 ** 17);
    bytes.writeUInt32LE(bytes.length, 0);
    bytes[FLAGS_OFFSET] = DETACHED;
    expect(read(bytes, [Buffer.alloc(5)])).toHaveLength(1);
    const largest = toFrames(Buffer.alloc(LIMITS.payloadBytes));
    expect(() => read(bytes, largest)).toThrow('record 0 is too large');
  });

  test('more records than a message may have', () => {
    const empty = Buffer.concat(attachPayload(result(1, Buffer.alloc(0))));
    const full = Buffer.concat(Array<Buffer>(LIMITS.recordsPerMessage).fill(empty));
    expect(read(full)).toHaveLength(LIMITS.recordsPerMessage);
    expect(() => read(Buffer.concat([full, empty]))).toThrow('too many records');
  });

  test('a payload of no known encoding, when it is asked for', () => {
    const record = result(1, Buffer.from([1]));
    record.source[record.start + 12] = 77;
    expect(() => resultField.payload(record)).toThrow('unknown encoding 77');
  });
});

test('a record of exactly its head is a record', () => {
  const [record] = read(Buffer.concat(attachPayload(result(5, Buffer.alloc(0)))));
  expect(resultField.payload(record!).bytes).toHaveLength(0);
});
