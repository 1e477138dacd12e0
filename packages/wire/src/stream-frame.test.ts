import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { LIMITS } from './protocol.js';
import { StreamFrameReader, streamFrame } from './stream-frame.js';
import { fuzzRuns, fuzzTimeoutMs } from './testing/fuzz-runs.js';
import { ProtocolError } from './wire-error.js';

const RUNS = fuzzRuns(300);

type Frame = readonly [type: number, body: string];

function write(frames: readonly Frame[]): Buffer {
  return Buffer.concat(frames.flatMap(([type, body]) => streamFrame(type, [Buffer.from(body, 'latin1')])));
}

function reader(): { readonly frames: Frame[]; readonly reader: StreamFrameReader } {
  const frames: Frame[] = [];
  return {
    frames,
    reader: new StreamFrameReader((type, body) => frames.push([type, body.toString('latin1')])),
  };
}

const someFrames = fc.array(fc.tuple(fc.nat(255), fc.string({ maxLength: 20 })), { maxLength: 8 });

describe('frames arrive whole and in order', () => {
  test(
    'in chunks of any size, down to single bytes',
    () => {
      fc.assert(
        fc.property(someFrames, fc.array(fc.nat(30)), (sent, cuts) => {
          const bytes = write(sent);
          for (const sizes of [cuts, Array<number>(bytes.length).fill(1)]) {
            const received = reader();
            let at = 0;
            for (const size of sizes) received.reader.push(bytes.subarray(at, (at += size)));
            received.reader.push(bytes.subarray(at));
            expect(received.frames).toEqual(sent);
          }
        }),
        { numRuns: RUNS },
      );
    },
    fuzzTimeoutMs(RUNS),
  );

  test('as soon as their last byte is there', () => {
    const received = reader();
    const bytes = write([[7, 'abc']]);
    received.reader.push(bytes.subarray(0, -1));
    expect(received.frames).toEqual([]);
    received.reader.push(bytes.subarray(-1));
    expect(received.frames).toEqual([[7, 'abc']]);
  });

  test('from several parts, which are not copied', () => {
    const part = Buffer.from('def');
    const chunks = streamFrame(1, [Buffer.from('abc'), part]);
    expect(chunks[2]).toBe(part);
    const received = reader();
    for (const chunk of chunks) received.reader.push(chunk);
    expect(received.frames).toEqual([[1, 'abcdef']]);
  });

  test('a frame of 10 MB in pieces of 1 kB takes no longer than its bytes', () => {
    const received = reader();
    const bytes = write([[1, 'x'.repeat(10_000_000)]]);
    for (let at = 0; at < bytes.length; at += 1024) received.reader.push(bytes.subarray(at, at + 1024));
    expect(received.frames[0]?.[1]).toHaveLength(10_000_000);
  });
});

test('a frame whose handler throws is not reported again, and those after it are', () => {
  const seen: number[] = [];
  const frames = new StreamFrameReader((type) => {
    seen.push(type);
    if (type === 2) throw new Error('handler');
  });
  expect(() =>
    frames.push(
      write([
        [1, ''],
        [2, ''],
        [3, ''],
      ]),
    ),
  ).toThrow('handler');
  expect(seen).toEqual([1, 2]);
  frames.push(write([[4, '']]));
  expect(seen).toEqual([1, 2, 3, 4]);
});

describe('impossible lengths', () => {
  test.each([0, 0xffffffff, LIMITS.payloadBytes + LIMITS.controlBytes + 1])('%d', (length) => {
    const bytes = Buffer.alloc(5);
    bytes.writeUInt32LE(length, 0);
    const received = reader();
    received.reader.push(write([[1, 'good']]));
    expect(() => received.reader.push(bytes)).toThrow(ProtocolError);
    expect(() => received.reader.push(write([[2, 'later']]))).toThrow(ProtocolError);
    expect(received.frames).toEqual([[1, 'good']]);
  });

  test('are not written either', () => {
    const quarter = Buffer.alloc(LIMITS.payloadBytes / 4);
    expect(() => streamFrame(1, [quarter, quarter, quarter, quarter, quarter])).toThrow(ProtocolError);
  });
});
