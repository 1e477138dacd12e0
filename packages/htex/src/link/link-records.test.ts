import {
  Codec,
  forEachRecord,
  LIMITS,
  RESULT_HEAD_BYTES,
  resultField,
  ResultStatus,
  StreamFrameReader,
  writeResult,
  type PackedRecord,
} from '@parsl-ts/wire';
import { expect, test } from 'vitest';

import { recordFrames } from './link-records.js';

function result(submission: number, bytes: number): PackedRecord {
  const payload = { codec: Codec.msgpack, bytes: Buffer.alloc(bytes, submission) };
  return writeResult(submission, ResultStatus.succeeded, 1, payload);
}

/** What the other side reads out of the frames. */
function received(frames: readonly Buffer[][]): [number, number][] {
  const found: [number, number][] = [];
  const reader = new StreamFrameReader((type, body) => {
    expect(type).toBe(7);
    forEachRecord(body, 0, RESULT_HEAD_BYTES, [], (record) => {
      const { bytes } = resultField.payload(record);
      const submission = resultField.submission(record);
      expect(bytes.every((byte) => byte === submission % 256)).toBe(true);
      found.push([submission, bytes.length]);
    });
  });
  for (const parts of frames) for (const part of parts) reader.push(part);
  return found;
}

const large = LIMITS.detachBytes + 5;

test.each([
  ['nothing', []],
  ['small ones', [3, 0, 4]],
  ['a large one', [large]],
  ['large ones first', [large, 1, large]],
  ['large ones last', [1, 2, large, large]],
])('%s', (_what, sizes) => {
  const records = sizes.map((bytes, submission) => result(submission, bytes));
  const frames = recordFrames(7, records);
  expect(received(frames)).toEqual(sizes.map((bytes, submission) => [submission, bytes]));
});

test('small ones are one write', () => {
  const frames = recordFrames(
    7,
    [1, 2, 3].map((submission) => result(submission, 10)),
  );
  expect(frames.map((parts) => parts.length)).toEqual([1]);
});

test('many are cut into frames of about a megabyte', () => {
  const records = Array.from({ length: 300 }, (_, submission) => result(submission, 20_000));
  const frames = recordFrames(7, records);
  expect(frames).toHaveLength(6);
  expect(received(frames)).toHaveLength(300);
});

test('the largest record has a frame for itself, which the other side takes', () => {
  const before = result(0, 1024 * 1024 - 50);
  const payload = { codec: Codec.msgpack, bytes: Buffer.alloc(LIMITS.payloadBytes) };
  const frames = recordFrames(7, [before, writeResult(1, ResultStatus.succeeded, 1, payload)]);
  expect(frames).toHaveLength(2);
  for (const [head] of frames) expect(() => new StreamFrameReader(() => undefined).push(head!)).not.toThrow();
});
