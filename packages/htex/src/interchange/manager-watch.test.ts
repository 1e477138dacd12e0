import { expect, test } from 'vitest';

import { registration } from '../testing/simulated-run.js';
import { Manager } from './manager.js';
import { ManagerWatch } from './manager-watch.js';

const RULES = {
  heartbeatPeriodMs: 30_000,
  heartbeatThresholdMs: 120_000,
  reconnectMs: 1000,
  returnMs: 30_000,
};

/** Managers that register one every ms. `looks` counts how often it is asked when one was heard. */
function watched(count: number) {
  const watch = new ManagerWatch(RULES);
  const counter = { looks: 0 };
  const managers = Array.from({ length: count }, (_, index) => {
    const manager = new Manager(`m${index}`, registration(), index);
    let heard = index;
    Object.defineProperty(manager, 'lastHeard', {
      get: () => (counter.looks++, heard),
      set: (now: number) => (heard = now),
    });
    watch.add(manager, index);
    return manager;
  });
  return { watch, counter, managers };
}

test('heartbeats come when they are due, not all at once', () => {
  const { watch, managers } = watched(10_000);
  expect(watch.look(29_999).beats).toEqual([]);
  expect(watch.look(30_199).beats).toEqual(managers.slice(0, 200));
  expect(watch.look(30_399).beats).toEqual(managers.slice(200, 400));
  watch.delete(managers[400]!);
  expect(watch.look(30_401).beats).toEqual([managers[401]]);
  watch.look(60_000);
  expect(watch.look(60_199).beats).toEqual(managers.slice(0, 200));
});

test('thousands of managers cost a look only when one could have been silent for too long', () => {
  const { watch, counter, managers } = watched(10_000);
  counter.looks = 0;
  for (let now = 10_000; now < 120_000; now += 200) {
    watch.look(now);
    if (now === 100_000) for (const manager of managers.slice(1)) manager.lastHeard = now;
  }
  expect(counter.looks).toBe(0);
  expect(watch.look(120_000).lost).toEqual([[managers[0], 'nothing was heard of it for 120000 ms']]);
  watch.delete(managers[0]!);
  counter.looks = 0;
  for (let now = 120_200; now < 219_999; now += 200) expect(watch.look(now).lost).toEqual([]);
  expect(counter.looks).toBe(0);
});

test('a broken connection is borne for a second', () => {
  const { watch, managers } = watched(3);
  const [back, gone] = managers as [Manager, Manager];
  for (const manager of [back, gone]) {
    manager.away = { until: 1100, reason: 'its connection broke' };
    watch.expect(manager);
  }
  expect(watch.look(1099).lost).toEqual([]);
  back.away = undefined;
  expect(watch.look(1100).lost).toEqual([[gone, 'its connection broke']]);
  watch.delete(gone);
  back.away = { until: 3000, reason: 'its connection broke' };
  expect(watch.look(9000).lost).toEqual([]);
});

test('says when to look next: at heartbeats, many at a time, and at the end of patience', () => {
  const { watch, managers } = watched(1000);
  expect(new ManagerWatch(RULES).nextAt).toBe(Infinity);
  expect(watch.nextAt).toBe(30_000);
  watch.look(30_000);
  expect(watch.nextAt).toBe(30_200);
  expect(watch.look(30_200).beats).toHaveLength(200);
  const [first] = managers as [Manager];
  first.away = { until: 31_250, reason: 'its connection broke' };
  watch.expect(first);
  expect(watch.nextAt).toBe(30_400);
  watch.look(30_400);
  watch.look(31_000);
  expect(watch.nextAt).toBe(31_250);
  expect(watch.look(31_250).lost).toEqual([[first, 'its connection broke']]);
});
