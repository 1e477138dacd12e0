import { expect, test, vi } from 'vitest';

import { PoolsView } from './pools-view.js';

const pool = (id: string, blockId: string, workers = 2) => ({
  ...{ id, blockId, host: 'n1', pid: 1, workers, cores: 2, memoryGb: 1, node: 'v20', version: '0' },
});
const tasks = (id: string, count: number) => ({ id, tasks: count, draining: false, onHold: false });

function viewAt(clock: { now: number }): PoolsView {
  return new PoolsView(() => clock.now);
}

test('blocks are the sum of their pools, and idle from when the last task ended', () => {
  const clock = { now: 5 };
  const view = viewAt(clock);
  view.apply({ joined: [pool('a', '0'), pool('b', '0', 3), pool('c', '1')], activity: [], left: [] });
  expect(view.activity().get('0')).toEqual({ managers: 2, workers: 5, tasks: 0, idleSince: 5 });
  view.apply({ joined: [], activity: [tasks('a', 4), tasks('b', 1)], left: [] });
  expect(view.activity().get('0')).toMatchObject({ tasks: 5, idleSince: undefined });
  clock.now = 9;
  view.apply({ joined: [], activity: [tasks('a', 0)], left: [] });
  expect(view.activity().get('0')).toMatchObject({ tasks: 1, idleSince: undefined });
  view.apply({ joined: [], activity: [], left: [{ id: 'b', reason: '', lost: true }] });
  expect(view.activity().get('0')).toEqual({ managers: 1, workers: 2, tasks: 0, idleSince: 9 });
  expect(view.activity().get('1')).toMatchObject({ idleSince: 5 });
  expect(view.blockIds).toEqual(['0', '1']);
});

test('listeners hear of comings, goings and idleness, and of nothing else', () => {
  const view = viewAt({ now: 0 });
  const listener = vi.fn();
  const stop = view.onActivity(listener);
  view.apply({ joined: [pool('a', '0')], activity: [], left: [] });
  expect(listener).toHaveBeenCalledTimes(1);
  view.apply({ joined: [], activity: [tasks('a', 3)], left: [] });
  view.apply({ joined: [], activity: [tasks('a', 2)], left: [] });
  expect(listener).toHaveBeenCalledTimes(1);
  view.apply({ joined: [], activity: [tasks('a', 0)], left: [] });
  expect(listener).toHaveBeenCalledTimes(2);
  stop();
  view.clear();
  expect(listener).toHaveBeenCalledTimes(2);
  expect(view.managers).toEqual([]);
});

test('waiting for idle blocks', async () => {
  const view = viewAt({ now: 0 });
  view.apply({
    joined: [pool('a', '0'), pool('b', '1')],
    activity: [tasks('a', 1), tasks('b', 1)],
    left: [],
  });
  const order: string[] = [];
  const idle = view.idle(new Set(['0'])).then(() => order.push('idle'));
  await view.idle(new Set(['7']));
  order.push('unknown');
  view.apply({ joined: [], activity: [tasks('a', 0)], left: [] });
  await idle;
  expect(order).toEqual(['unknown', 'idle']);
});

test('pools that get no tasks do not count as workers', () => {
  const view = viewAt({ now: 0 });
  view.apply({ joined: [pool('a', '0'), pool('b', '1', 4)], activity: [], left: [] });
  expect(view.workers).toBe(6);
  view.apply({ joined: [], activity: [{ ...tasks('b', 0), onHold: true }], left: [] });
  expect(view.workers).toBe(2);
  expect(view.workersPerPool).toBe(4);
});
