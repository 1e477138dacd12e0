import fc from 'fast-check';

type Mutation = (bytes: Buffer) => Buffer;

const position = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const byte = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.constantFrom(0, 1, 0x7f, 0x80, 0xc1, 0xd4, 0xdd, 0xdf, 0xff),
);
const at = (bytes: Buffer, where: number): number => Math.floor(where * bytes.length);

const replace = fc.tuple(position, byte).map(([where, value]): Mutation => (bytes) => {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[at(copy, where)] = value;
  return copy;
});

const insert = fc
  .tuple(position, fc.uint8Array({ maxLength: 9 }))
  .map(([where, some]): Mutation => (bytes) => {
    const start = at(bytes, where);
    return Buffer.concat([bytes.subarray(0, start), some, bytes.subarray(start)]);
  });

const truncate = position.map(
  (where): Mutation =>
    (bytes) =>
      bytes.subarray(0, at(bytes, where)),
);

const extend = fc.uint8Array({ minLength: 1, maxLength: 20 }).map(
  (some): Mutation =>
    (bytes) =>
      Buffer.concat([bytes, some]),
);

const repeat = fc.tuple(position, position).map(([one, other]): Mutation => (bytes) => {
  const [start, end] = [at(bytes, Math.min(one, other)), at(bytes, Math.max(one, other))];
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
});

/** What faults and attackers do to bytes, one to four times. */
export const arbitraryMutation: fc.Arbitrary<Mutation> = fc
  .array(fc.oneof({ weight: 4, arbitrary: replace }, insert, truncate, extend, repeat), {
    minLength: 1,
    maxLength: 4,
  })
  .map(
    (steps): Mutation =>
      (bytes) =>
        steps.reduce((result, step) => step(result), bytes),
  );
