import { expect, test } from 'vitest';

import { formatRate, formatTime } from './figures.js';

test.each([
  [0.0042, '0.004 ms'],
  [0.2549, '0.255 ms'],
  [5.934, '5.93 ms'],
  [40.94, '40.9 ms'],
  [265, '0.27 s'],
  [4_812_345, '4,812.35 s'],
])('%d ms are %s', (ms, text) => {
  expect(formatTime(ms)).toBe(text);
});

test.each([
  [0.0485, '0.049'],
  [36.04, '36.0'],
  [448.4, '448'],
  [180_840.4, '180,840'],
])('%d per second are %s', (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});
