import { once } from 'node:events';
import { createServer, Socket, type AddressInfo } from 'node:net';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { FrameBuffer, readInto } from './frame-buffer.js';
import { LIMITS } from './protocol.js';
import { streamFrame } from './stream-frame.js';
import { fuzzRuns, fuzzTimeoutMs } from './testing/fuzz-runs.js';
import { ProtocolError } from './wire-error.js';

const RUNS = fuzzRuns(100);

/** A frame whose bytes are all the same, and others than those of its neighbours. */
interface Sent {
  readonly type: number;
  readonly bytes: number;
}

const fill = (index: number): number => (index * 37) % 256;

function write(frames: readonly Sent[]): Buffer {
  return Buffer.concat(
    frames.flatMap(({ type, bytes }, index) => streamFrame(type, [Buffer.alloc(bytes, fill(index))])),
  );
}

/** Lets `bytes` be read, at most so many at a time as there are `sizes`, in turn. */
function read(frames: FrameBuffer, bytes: Buffer, sizes: readonly number[] = [bytes.length]): void {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const { room } = frames;
    if (room.length === 0) throw new Error('there is no room');
    const count = bytes.copy(room, 0, at, at + Math.max(1, sizes[turn % sizes.length] ?? 1));
    at += count;
    frames.filled(count);
  }
}

const someFrames = fc.array(
  fc.record({
    type: fc.nat(255),
    bytes: fc.oneof(
      fc.nat(40),
      fc.integer({ min: 8_000, max: 20_000 }),
      // Around what fits into the memory that is shared.
      fc.integer({ min: 64 * 1024 - 12, max: 64 * 1024 + 12 }),
      fc.integer({ min: 100_000, max: 300_000 }),
    ),
  }),
  { maxLength: 12 },
);
const someSizes = fc.array(
  fc.oneof(fc.integer({ min: 200, max: 2000 }), fc.integer({ min: 2000, max: 400_000 })),
  { minLength: 1, maxLength: 5 },
);

describe('frames arrive whole and in order, and stay as they are while others come', () => {
  test(
    'in reads of any size',
    () => {
      fc.assert(
        fc.property(someFrames, someSizes, (sent, sizes) => {
          const received: [number, Buffer][] = [];
          read(new FrameBuffer((type, body) => received.push([type, body])), write(sent), sizes);
          expect(received.map(([type, body]) => ({ type, bytes: body.length }))).toEqual(sent);
          for (const [index, [, body]] of received.entries()) {
            expect(body.equals(Buffer.alloc(body.length, fill(index)))).toBe(true);
          }
        }),
        { numRuns: RUNS },
      );
    },
    fuzzTimeoutMs(10 * RUNS),
  );

  test('byte by byte', () => {
    const sent = [3, 70_000, 0, 5].map((bytes, type) => ({ type, bytes }));
    const received: [number, Buffer][] = [];
    read(new FrameBuffer((type, body) => received.push([type, body])), write(sent), [1]);
    expect(received.map(([type, body]) => [type, body.length, body[0]])).toEqual([
      [0, 3, fill(0)],
      [1, 70_000, fill(1)],
      [2, 0, undefined],
      [3, 5, fill(3)],
    ]);
  });

  test('as soon as their last byte is there', () => {
    for (const bytes of [3, 500_000]) {
      let received = 0;
      const frames = new FrameBuffer(() => received++);
      const whole = write([{ type: 1, bytes }]);
      read(frames, whole.subarray(0, -1));
      expect(received).toBe(0);
      read(frames, whole.subarray(-1));
      expect(received).toBe(1);
    }
  });
});

test('a large frame has its memory to itself, and is read into it', () => {
  let body: Buffer | undefined;
  const frames = new FrameBuffer((_type, each) => (body = each));
  const whole = write([{ type: 1, bytes: 1_000_000 }]);
  read(frames, whole.subarray(0, 5));
  const { room } = frames;
  expect(room.length).toBe(1_000_000);
  read(frames, whole.subarray(5));
  expect(body?.buffer).toBe(room.buffer);
  expect(room.buffer.byteLength).toBe(whole.length);
});

test('a frame whose handler throws is not reported again, and those after it are', () => {
  for (const bytes of [0, 200_000]) {
    const seen: number[] = [];
    const frames = new FrameBuffer((type) => {
      seen.push(type);
      if (type === 2) throw new Error('handler');
    });
    expect(() =>
      read(
        frames,
        write([
          { type: 1, bytes: 3 },
          { type: 2, bytes },
        ]),
      ),
    ).toThrow('handler');
    expect(seen).toEqual([1, 2]);
    read(frames, write([{ type: 3, bytes: 3 }]));
    expect(seen).toEqual([1, 2, 3]);
  }
});

test.each([0, 0xffffffff, LIMITS.payloadBytes + LIMITS.controlBytes + 1])(
  'nothing is read after the impossible length %d',
  (length) => {
    const types: number[] = [];
    const frames = new FrameBuffer((type) => types.push(type));
    read(frames, write([{ type: 1, bytes: 3 }]));
    const head = Buffer.alloc(5);
    head.writeUInt32LE(length, 0);
    expect(() => read(frames, head)).toThrow(ProtocolError);
    expect(() => read(frames, write([{ type: 2, bytes: 3 }]))).toThrow(ProtocolError);
    expect(types).toEqual([1]);
  },
);

test('a socket reads into it, and goes on after a handler has thrown', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const received: [number, number][] = [];
  let turns = 0;
  const frames = new FrameBuffer((type, body) => {
    received.push([type, body.length]);
    if (type === 2) throw new Error('of the handler');
  });
  const options = { readable: true, onread: readInto(frames, () => turns++) };
  const socket = new Socket(options).connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [peer] = (await once(server, 'connection')) as [Socket];
  const thrown = new Promise<unknown>((resolve) => {
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => {
      for (const each of others) process.on('uncaughtException', each);
      resolve(error);
    });
  });
  const first = write([
    { type: 1, bytes: 300_000 },
    { type: 2, bytes: 10 },
  ]);
  peer.write(first);
  expect(await thrown).toMatchObject({ message: 'of the handler' });
  peer.end(
    write([
      { type: 3, bytes: 100 },
      { type: 4, bytes: 300_000 },
    ]),
  );
  await once(socket, 'close');
  server.close();
  expect(received).toEqual([
    [1, 300_000],
    [2, 10],
    [3, 100],
    [4, 300_000],
  ]);
  expect(turns).toBeGreaterThan(0);
});
