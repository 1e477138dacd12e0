import { curveKeyPair } from 'zeromq';
import { expect, test } from 'vitest';

import { z85 } from './z85.js';

test('the example of the specification', () => {
  expect(z85(Buffer.from([0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b]))).toBe('HelloWorld');
});

test('keys have 40 characters, of the same alphabet as those of ZeroMQ', () => {
  expect(z85(Buffer.alloc(32, 255))).toHaveLength(40);
  expect(curveKeyPair().publicKey).toMatch(/^[\w.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/);
});
