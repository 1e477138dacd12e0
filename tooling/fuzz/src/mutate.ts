import type { RandomBits } from './random-bits.js';

/** Bytes at which formats turn: signs, lengths, tokens of MessagePack and tags of V8. */
const TURNS = [
  0, 1, 2, 0x22, 0x41, 0x53, 0x5a, 0x5c, 0x61, 0x6f, 0x7f, 0x80, 0x90, 0xc1, 0xc7, 0xd4, 0xdd, 0xdf, 0xff,
];

/** Lengths and counts that are too large, too small, or just at a limit. */
const NUMBERS = [0, 1, 19, 20, 43, 44, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

type Mutation = (frame: Buffer, random: RandomBits, other: Buffer) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  (frame, random) => {
    if (frame.length > 0) frame[random.below(frame.length)] = random.below(256);
    return frame;
  },
  (frame, random) => {
    if (frame.length > 0) frame[random.below(frame.length)] = TURNS[random.below(TURNS.length)] ?? 0;
    return frame;
  },
  (frame, random) => {
    if (frame.length > 0) {
      const at = random.below(frame.length);
      frame[at] = (frame[at] ?? 0) ^ (1 << random.below(8));
    }
    return frame;
  },
  (frame, random) => {
    const number = NUMBERS[random.below(NUMBERS.length)] ?? 0;
    if (frame.length < 4) return frame;
    const at = random.below(frame.length - 3);
    if (random.below(2) === 0) frame.writeUInt32LE(number, at);
    else frame.writeUInt32BE(number, at);
    return frame;
  },
  (frame, random) => frame.subarray(0, random.below(frame.length)),
  (frame, random) => {
    const at = random.below(frame.length + 1);
    const some = Buffer.from(Array.from({ length: 1 + random.below(9) }, () => random.below(256)));
    return Buffer.concat([frame.subarray(0, at), some, frame.subarray(at)]);
  },
  (frame, random) => {
    const at = random.below(frame.length);
    return Buffer.concat([frame.subarray(0, at), frame.subarray(at + 1 + random.below(9))]);
  },
  (frame, random) => {
    const [one, two] = [random.below(frame.length + 1), random.below(frame.length + 1)];
    return Buffer.concat([frame.subarray(0, Math.max(one, two)), frame.subarray(Math.min(one, two))]);
  },
  (frame, random, other) =>
    Buffer.concat([
      frame.subarray(0, random.below(frame.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ]),
];

/** Repetition doubles a frame at most; more than so many bytes are cut off, lest a run gets slow by its own frames. */
const MAX_BYTES = 64 * 1024;

/**
 * What faults and attackers do to bytes, one to four times. `frame` is left as it is.
 *
 * @param other a frame whose end may replace that of the first
 */
export function mutate(frame: Buffer, random: RandomBits, other: Buffer): Buffer {
  let mutated: Buffer = Buffer.from(frame);
  for (let count = 1 + random.below(4); count > 0; count--) {
    const mutation = MUTATIONS[random.below(MUTATIONS.length)];
    if (mutation !== undefined) mutated = mutation(mutated, random, other);
  }
  return mutated.length > MAX_BYTES ? mutated.subarray(0, MAX_BYTES) : mutated;
}
