import { expect, test } from 'vitest';

import { median, trendOf, type Sample } from './flatness.js';

const samples = (value: (second: number) => number): Sample[] =>
  Array.from({ length: 600 }, (_, second) => ({ at: 1000 * second, value: value(second) }));

test('the median', () => {
  expect([[], [3], [1, 9, 2], [4, 1, 3, 2]].map(median)).toEqual([0, 3, 2, 2.5]);
});

test('what grows only while it warms up is flat', () => {
  const trend = trendOf(samples((second) => Math.min(second, 200)));
  expect(trend).toEqual({ median: 200, growth: 0 });
});

test('what grows all the time is not', () => {
  const { growth } = trendOf(samples((second) => 100 + second / 10));
  expect(growth).toBeCloseTo(29.95, 1);
});

test('peaks and saw teeth are flat', () => {
  const peaks = trendOf(samples((second) => (second % 5 === 0 ? 500 + second : 100)));
  expect(peaks).toEqual({ median: 100, growth: 0 });
  const { growth } = trendOf(samples((second) => 100 + (second % 30)));
  expect(Math.abs(growth)).toBeLessThan(3);
});

test('what a collector gives back late is no growth, however much that is', () => {
  const late = trendOf(samples((second) => 100 + (second > 400 && second % 40 > 5 ? 60 : 0)));
  expect(late.growth).toBe(0);
  const held = trendOf(samples((second) => 100 + second / 10 + (second > 400 && second % 40 > 5 ? 60 : 0)));
  expect(held.growth).toBeGreaterThan(25);
});

test('nothing, or one sample, has no trend', () => {
  expect(trendOf([])).toEqual({ median: 0, growth: 0 });
  expect(trendOf([{ at: 5, value: 7 }])).toEqual({ median: 7, growth: 0 });
});
