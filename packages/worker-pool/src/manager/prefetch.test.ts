import { expect, test } from 'vitest';

import { isWorthTelling, wantedCapacity } from './prefetch.js';
import { RuntimeEstimate } from './runtime-estimate.js';

function estimate(...runtimesUs: number[]): RuntimeEstimate {
  const recent = new RuntimeEstimate();
  for (const runtimeUs of runtimesUs) recent.observe(runtimeUs);
  return recent;
}

test.each([
  ['one for each worker while nothing is known', estimate(), 2],
  ['many for functions that take no time', estimate(3), 2 * 257],
  ['20 ms of work', estimate(990), 2 * 21],
  ['none ahead for long ones', estimate(50_000), 2],
])('%s', (_what, recent, expected) => {
  expect(wantedCapacity(2, undefined, recent)).toBe(expected);
});

test('a chosen depth stays', () => {
  expect(wantedCapacity(2, 10, estimate(3))).toBe(12);
  expect(wantedCapacity(2, 0, estimate(3))).toBe(2);
});

test('only great changes are told', () => {
  expect(isWorthTelling(100, 110)).toBe(false);
  expect(isWorthTelling(100, 150)).toBe(true);
  expect(isWorthTelling(4, 2)).toBe(true);
  expect(isWorthTelling(4, 4)).toBe(false);
});

test('one long run among short ones is forgotten after a while', () => {
  const recent = estimate(...Array.from({ length: 100 }, () => 5));
  recent.observe(50_000);
  expect(recent.expectedUs).toBeGreaterThan(2000);
  for (let time = 0; time < 100; time++) recent.observe(5);
  expect(recent.expectedUs).toBeLessThan(100);
});

test('a run that goes on is believed at once', () => {
  const recent = estimate(5);
  recent.observeAtLeast(30_000);
  expect(recent.expectedUs).toBeGreaterThan(30_000);
  recent.observeAtLeast(10);
  expect(recent.meanUs).toBe(30_000);
});
