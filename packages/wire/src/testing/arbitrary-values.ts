import fc from 'fast-check';

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toJSON',
  'hasOwnProperty',
  'length',
  'then',
  'value',
  '',
];

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ minLength: 60, maxLength: 400 }),
  fc
    .array(fc.constantFrom('\uD800', '\uDC00', '\uFEFF', 'a', '\0'), { maxLength: 5 })
    .map((units) => units.join('')),
);

const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 31), 1.5),
);

const bigint = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.integer({ min: 60, max: 200 }).chain((bits) => {
    const power = 2n ** BigInt(bits);
    return fc.constantFrom(power, power - 1n, -power, -power - 1n);
  }),
);

/** The bytes stand inside a larger buffer, as those of small buffers of Node.js do. */
const binary = fc.uint8Array({ maxLength: 40 }).chain((bytes) => {
  const around = Buffer.concat([Buffer.alloc(8, 0xee), bytes, Buffer.alloc(8, 0xee)]);
  const start = around.byteOffset + 8;
  const whole = (width: number): number => Math.floor(bytes.length / width);
  return fc.constantFrom<() => ArrayBuffer | ArrayBufferView>(
    () => around.subarray(8, 8 + bytes.length),
    () => new Uint8Array(around.buffer, start, bytes.length),
    () => new Int8Array(around.buffer, start, bytes.length),
    () => new Uint8ClampedArray(around.buffer, start, bytes.length),
    () => new DataView(around.buffer, start, bytes.length),
    () => Float64Array.from(bytes, (byte) => byte / 3),
    () => new Float32Array(bytes),
    () => new Int16Array(bytes.slice().buffer, 0, whole(2)),
    () => new Uint32Array(bytes.slice().buffer, 0, whole(4)),
    () => BigInt64Array.from(bytes, (byte) => BigInt(byte) - 100n),
    () => bytes.slice().buffer,
  );
});

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  number,
  text,
  bigint,
  fc.constantFrom(true, false, null, undefined),
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(/a+/gi, /\u{1F600}/u, /(?<year>\d{4})/y, new RegExp('')),
  binary.map((make) => make()),
);

/** Defines the properties, so that `__proto__` becomes one. */
function plainObject(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

const key = fc.oneof(text, fc.constantFrom(...NAMES));

/** Trees of all that travels, holes of arrays and maps among it. */
export const arbitraryValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'value' },
    leaf,
    tie('array'),
    tie('object'),
    tie('set'),
    tie('map'),
    tie('sparse'),
  ),
  array: fc.array(tie('value'), { maxLength: 6, depthIdentifier: 'value' }),
  object: fc
    .uniqueArray(fc.tuple(key, tie('value')), {
      maxLength: 6,
      selector: ([name]) => name,
      depthIdentifier: 'value',
    })
    .map(plainObject),
  set: fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'value' }).map((items) => new Set(items)),
  map: fc
    .array(fc.tuple(tie('value'), tie('value')), { maxLength: 4, depthIdentifier: 'value' })
    .map((entries) => new Map(entries)),
  sparse: fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'value' }).map((items) => {
    const array: unknown[] = [];
    items.forEach((item, index) => (array[2 * index + 1] = item));
    return array;
  }),
})).value;

/** Objects that refer to each other in any way, themselves included. The first is given. */
export const arbitraryGraph: fc.Arbitrary<unknown> = fc
  .tuple(
    fc.array(fc.constantFrom('object', 'array', 'set', 'map'), { minLength: 1, maxLength: 6 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(), leaf), { maxLength: 20 }),
  )
  .map(([kinds, links]) => {
    const nodes = kinds.map(makeNode);
    links.forEach(([from, to, value], index) => {
      const node = nodes[from % nodes.length];
      node?.add(`k${index}`, index % 3 === 0 ? value : nodes[to % nodes.length]?.value);
    });
    return nodes[0]?.value;
  });

interface Node {
  readonly value: unknown;
  add(key: string, value: unknown): void;
}

function makeNode(kind: 'object' | 'array' | 'set' | 'map'): Node {
  switch (kind) {
    case 'object': {
      const value: Record<string, unknown> = {};
      return { value, add: (name, item) => (value[name] = item) };
    }
    case 'array': {
      const value: unknown[] = [];
      return { value, add: (_, item) => value.push(item) };
    }
    case 'set': {
      const value = new Set();
      return { value, add: (_, item) => value.add(item) };
    }
    case 'map': {
      const value = new Map();
      return { value, add: (name, item) => value.set(name, item) };
    }
  }
}
