import { expect, test } from 'vitest';

import { copyInto, recordSpace } from './record-slab.js';

test('records never overlap, and small ones share buffers', () => {
  const sizes = Array.from({ length: 2000 }, (_, index) => (index * 37) % 300);
  const spaces = sizes.map((size, index) => {
    const space = recordSpace(size);
    space.source.fill(index % 251, space.start, space.start + size);
    return space;
  });
  spaces.forEach(({ source, start }, index) => {
    const size = sizes[index]!;
    expect(start + size).toBeLessThanOrEqual(source.length);
    expect(source.subarray(start, start + size).every((byte) => byte === index % 251)).toBe(true);
  });
  const held = new Set(spaces.map(({ source }) => source));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect([...held].reduce((sum, source) => sum + source.length, 0)).toBeLessThan(1.1 * total + 2 * 16_384);
});

test('a large record has a buffer of its own', () => {
  const { source, start } = recordSpace(5000);
  expect(start).toBe(0);
  expect(source.buffer.byteLength).toBe(5000);
});

test('the view shows the same memory as the buffer', () => {
  for (const size of [16, 5000]) {
    const { source, view, start } = recordSpace(size);
    view.setUint32(start, 0x01020304, true);
    expect(source.readUInt32LE(start)).toBe(0x01020304);
  }
});

test.each([0, 1, 48, 49, 1000])('%d bytes are copied to their place only', (size) => {
  const target = Buffer.alloc(size + 10, 0xee);
  copyInto(target, 5, Buffer.alloc(size, 1));
  expect(target).toEqual(
    Buffer.concat([Buffer.alloc(5, 0xee), Buffer.alloc(size, 1), Buffer.alloc(5, 0xee)]),
  );
});
