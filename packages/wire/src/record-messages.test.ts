import { expect, test } from 'vitest';

import { LIMITS, MessageType, PREAMBLE_BYTES } from './protocol.js';
import { forEachRecord, type PackedRecord } from './record.js';
import { recordMessages } from './record-messages.js';
import { RESULT_HEAD_BYTES, ResultStatus, resultField, writeResult } from './result-record.js';
import { Codec } from './value-codec.js';

function result(submission: number, bytes: Buffer): PackedRecord {
  return writeResult(submission, ResultStatus.succeeded, 1, { codec: Codec.msgpack, bytes });
}

/** The submissions in each message. Fails when one is not as it may be. */
function read(messages: readonly (readonly Buffer[])[]): number[][] {
  return messages.map(([head, ...further]) => {
    for (const frame of [head!, ...further]) expect(frame.length).toBeLessThanOrEqual(LIMITS.frameBytes);
    const submissions: number[] = [];
    forEachRecord(head!, PREAMBLE_BYTES, RESULT_HEAD_BYTES, further, (record) =>
      submissions.push(resultField.submission(record)),
    );
    return submissions;
  });
}

const count = (length: number) => Array.from({ length }, (_, submission) => submission);

test('more records than a message may have', () => {
  const most = LIMITS.recordsPerMessage;
  const records = count(2 * most + 1).map((submission) => result(submission, Buffer.alloc(0)));
  const read3 = read(recordMessages(MessageType.results, records));
  expect(read3.map((each) => each.length)).toEqual([most, most, 1]);
  expect(read3.flat()).toEqual(count(records.length));
  expect(recordMessages(MessageType.results, records.slice(0, most))).toHaveLength(1);
});

test('more bytes than a frame may have', () => {
  const bytes = Buffer.alloc(LIMITS.detachBytes - 1);
  const records = count(200).map((submission) => result(submission, bytes));
  const messages = recordMessages(MessageType.results, records);
  expect(read(messages).flat()).toEqual(count(200));
  expect(messages).toHaveLength(Math.ceil((200 * (bytes.length + RESULT_HEAD_BYTES)) / LIMITS.frameBytes));
});

test('large payloads come in frames of their own, as many as it takes, and do not wait for each other', () => {
  const sizes = [LIMITS.frameBytes - 1, LIMITS.frameBytes, LIMITS.frameBytes + 1, LIMITS.detachBytes, 5];
  const records = sizes.map((size, submission) => result(submission, Buffer.alloc(size, submission)));
  const messages = recordMessages(MessageType.results, records);
  expect(read(messages)).toEqual([[0], [1], [2], [3, 4]]);
  expect(messages.map((message) => message.length)).toEqual([1 + 1, 1 + 2, 1 + 2, 1 + 1]);
  const payloads: Buffer[] = [];
  for (const [head, ...further] of messages) {
    forEachRecord(head!, PREAMBLE_BYTES, RESULT_HEAD_BYTES, further, (record) =>
      payloads.push(resultField.payload(record).bytes),
    );
  }
  expect(payloads.map((payload) => [payload.length, payload[0]])).toEqual(
    sizes.map((size, fill) => [size, fill]),
  );
});

test('no record makes a message that says so', () => {
  expect(read(recordMessages(MessageType.returned, []))).toEqual([[]]);
});
