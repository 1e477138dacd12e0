import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { MemoryKills } from './memory-kills.js';

/** What the kernel has killed for memory so far. */
let count = 3;
let kills: MemoryKills;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  kills = new MemoryKills(() => count);
  kills.watch();
});

afterEach(() => {
  kills.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test('as many ends are due to kills as there were, and none to those before it began', () => {
  expect(kills.claim()).toBe(false);
  count += 2;
  expect(kills.claim()).toBe(true);
  vi.advanceTimersByTime(100);
  expect(kills.claim()).toBe(true);
  expect(kills.claim()).toBe(false);
});

test('an end may be heard of a while after the kill', () => {
  count++;
  vi.advanceTimersByTime(4000);
  expect(kills.claim()).toBe(true);
  expect(kills.claim()).toBe(false);
});

test('a kill of long before is that of another process', () => {
  count++;
  vi.advanceTimersByTime(3_600_000);
  expect(kills.claim()).toBe(false);
  // One too many was counted, and has been seen when the first was claimed.
  count += 2;
  expect(kills.claim()).toBe(true);
  vi.advanceTimersByTime(10_000);
  expect(kills.claim()).toBe(false);
});

test('of several kills those that are not too old count', () => {
  count++;
  vi.advanceTimersByTime(4000);
  count++;
  vi.advanceTimersByTime(3000);
  expect(kills.claim()).toBe(true);
  expect(kills.claim()).toBe(false);
});

test('a counter that cannot be read for a while is no kill', () => {
  const before = count;
  count = 0;
  vi.advanceTimersByTime(2000);
  count = before;
  expect(kills.claim()).toBe(false);
});
