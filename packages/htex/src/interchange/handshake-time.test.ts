import { expect, test } from 'vitest';

import { handshakeMs } from './handshake-time.js';

test.each([
  [Infinity, 30_000],
  [65_472, 30_000],
  [20_000, 10_000],
  [4032, 2016],
  [960, 2000],
])('descriptors for %d pools: a peer has %d ms', (mostManagers, ms) => {
  expect(handshakeMs(mostManagers)).toBe(ms);
});

test('a thousand silent connections a second leave half of the descriptors', () => {
  for (const most of [4000, 20_000, 65_000]) expect(handshakeMs(most)).toBeLessThanOrEqual(most / 2);
});
