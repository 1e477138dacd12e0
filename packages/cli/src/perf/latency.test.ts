import { expect, test } from 'vitest';

import { measureLatency } from './latency.js';
import { quantile } from './quantile.js';

test('latency is that of calls one at a time', async () => {
  let outstanding = 0;
  const call = async (): Promise<void> => {
    outstanding += 1;
    expect(outstanding).toBe(1);
    await new Promise(setImmediate);
    outstanding -= 1;
  };
  const { calls, p50Ms, p99Ms } = await measureLatency(call, 50);
  expect(calls).toBe(50);
  expect(p50Ms).toBeGreaterThan(0);
  expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
});

test('where a task takes longer than there is patience, one has to do', async () => {
  const call = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
  const { calls, p50Ms, p99Ms } = await measureLatency(call, 50, 1);
  expect(calls).toBe(1);
  expect(p50Ms).toBe(p99Ms);
});

test('a quantile lies between the samples around it, in proportion', () => {
  expect(quantile([3], 0.99)).toBe(3);
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([10, 0], 0.99)).toBeCloseTo(9.9);
  expect(() => quantile([], 0.5)).toThrow(RangeError);
});
