import { expect, test } from 'vitest';

import { fromFrames, toFrames } from './long-frames.js';
import { LIMITS } from './protocol.js';
import { ProtocolError } from './wire-error.js';

const FULL = LIMITS.frameBytes;
const bytes = (length: number, fill = 1): Buffer => Buffer.alloc(length, fill);

test.each([
  [0, [0]],
  [FULL - 1, [FULL - 1]],
  [FULL, [FULL, 0]],
  [FULL + 5, [FULL, 5]],
  [2 * FULL, [FULL, FULL, 0]],
])('%i bytes travel in frames of %j', (length, lengths) => {
  const frames = toFrames(bytes(length));
  expect(frames.map((frame) => frame.length)).toEqual(lengths);
  const [whole, ...others] = fromFrames(frames, 4 * FULL);
  expect(others).toEqual([]);
  expect(whole?.equals(bytes(length))).toBe(true);
});

test('each of several is whole again, whatever its length', () => {
  const lengths = [3, FULL, 0, 2 * FULL + 1, FULL - 1];
  const frames = lengths.flatMap((length, fill) => toFrames(bytes(length, fill)));
  const wholes = fromFrames(frames, 4 * FULL);
  expect(wholes.map((whole) => whole.length)).toEqual(lengths);
  expect(wholes.every((whole, fill) => whole.equals(bytes(lengths[fill] ?? 0, fill)))).toBe(true);
});

test('what fits into a frame is not copied', () => {
  const frame = bytes(10);
  expect(fromFrames(toFrames(frame), 10)[0]).toBe(frame);
});

test.each([
  ['a frame beyond the bound', [bytes(FULL + 1), bytes(1)]],
  ['a whole beyond the bound', [bytes(FULL), bytes(FULL), bytes(1)]],
  ['one frame beyond the bound of its whole', [bytes(3), bytes(FULL), bytes(FULL)]],
  ['no last frame', [bytes(3), bytes(FULL)]],
])('%s is refused', (_, frames) => {
  expect(() => fromFrames(frames, 2 * FULL)).toThrow(ProtocolError);
});
