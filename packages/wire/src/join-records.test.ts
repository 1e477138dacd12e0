import { expect, test } from 'vitest';

import { forEachRecord, joinRecords, type PackedRecord } from './record.js';
import { LIMITS } from './protocol.js';
import { RESULT_HEAD_BYTES, ResultStatus, resultField, writeResult } from './result-record.js';
import { Codec } from './value-codec.js';

const head = Buffer.from('head');

function result(submission: number, bytes: Buffer): PackedRecord {
  return writeResult(submission, ResultStatus.succeeded, 1, { codec: Codec.msgpack, bytes });
}

function read(frames: readonly Buffer[]): PackedRecord[] {
  const records: PackedRecord[] = [];
  forEachRecord(frames[0]!, head.length, RESULT_HEAD_BYTES, frames.slice(1), (record) =>
    records.push(record),
  );
  return records;
}

const submissions = (records: readonly PackedRecord[]) =>
  records.map((record) => resultField.submission(record));

test('records come out in the order in which they were joined, whatever messages they came in', () => {
  const batch = read(
    joinRecords(
      head,
      [0, 1, 2, 3, 4].map((n) => result(n, Buffer.from([n]))),
    ),
  );
  const single = result(9, Buffer.from([9]));
  for (const order of [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [1, 2, 4, 0], [3], []]) {
    const records = order.flatMap((n) => [batch[n]!, ...(n === 2 ? [single] : [])]);
    const joined = joinRecords(head, records);
    expect(joined).toHaveLength(1);
    expect(joined[0]!.subarray(0, head.length)).toEqual(head);
    expect(submissions(read(joined))).toEqual(order.flatMap((n) => (n === 2 ? [2, 9] : [n])));
  }
});

test('detached payloads follow in the order of their records', () => {
  const large = (fill: number) => Buffer.alloc(LIMITS.detachBytes, fill);
  const records = read(
    joinRecords(head, [result(0, Buffer.from([0])), result(1, large(1)), result(2, large(2))]),
  );
  const joined = read(joinRecords(head, [records[2]!, records[0]!, records[1]!]));
  expect(submissions(joined)).toEqual([2, 0, 1]);
  expect(joined.map((record) => resultField.payload(record).bytes[0])).toEqual([2, 0, 1]);
});
