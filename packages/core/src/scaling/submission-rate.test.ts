import type { ExecutionProvider } from '@parsl-ts/provider';
import { expect, test } from 'vitest';
import { SubmissionRate } from './submission-rate.js';

test('within any minute there are no more than the limit', () => {
  const rate = new SubmissionRate(3);
  const times: number[] = [];
  for (let now = 0; now < 400_000; now += 700) {
    const allowed = rate.allowed(now);
    for (let submission = 0; submission < Math.min(allowed, 2); submission++) {
      rate.submitted(now);
      times.push(now);
    }
    expect(times.filter((time) => time > now - 60_000).length).toBeLessThanOrEqual(3);
    expect(rate.until(now) > now).toBe(rate.allowed(now) === 0);
  }
  expect(times.length).toBeGreaterThanOrEqual(3 * 6);
});

test('tells when the next one may be submitted', () => {
  const rate = new SubmissionRate(2);
  rate.submitted(1000);
  expect(rate.until(2000)).toBe(2000);
  rate.submitted(2000);
  expect(rate.until(2000)).toBe(61_000);
  expect(rate.allowed(60_999)).toBe(0);
  expect(rate.allowed(61_000)).toBe(1);
});

test('without a limit there is none', () => {
  const rate = new SubmissionRate(undefined);
  for (let submission = 0; submission < 1000; submission++) {
    rate.submitted(0);
  }
  expect(rate.allowed(0)).toBe(Infinity);
  expect(rate.until(5)).toBe(5);
});

test('all who use one provider share it', () => {
  const provider = (): ExecutionProvider => ({
    label: 'p',
    nodesPerBlock: 1,
    node: {},
    blocks: { init: 0, min: 0, max: 1, parallelism: 1, maxSubmissionsPerMinute: 5 },
    pollIntervalMs: 1,
    submit: () => Promise.reject(new Error('never')),
    status: () => Promise.resolve(new Map()),
    cancel: () => Promise.resolve(new Map()),
  });
  const [one, other] = [provider(), provider()];
  SubmissionRate.of(one).submitted(0);
  expect(SubmissionRate.of(one).allowed(0)).toBe(4);
  expect(SubmissionRate.of(other).allowed(0)).toBe(5);
});
