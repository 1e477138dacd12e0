import { expect, test, vi } from 'vitest';

import { seededRandom } from '../interchange/seeded-random.js';
import type { ConnectedManager } from './connected-manager.js';
import { PoolsView } from './pools-view.js';

const pool = (id: string, blockId: string, workers = 2) => ({
  ...{ id, blockId, host: 'n1', pid: 1, workers, cores: 2, memoryGb: 1, node: 'v20', version: '0' },
});
const left = { reason: '', lost: false };
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

test('why a pool is held is known also after it was lost and has come back', () => {
  const view = viewAt({ now: 0 });
  view.apply({ joined: [pool('a', '0'), pool('b', '0')], activity: [], left: [] });
  for (const id of ['a', 'b']) view.held(id, 'everything fails');
  const gone = [
    { id: 'a', ...left, lost: true },
    { id: 'b', ...left },
  ];
  view.apply({ joined: [], activity: [], left: gone });
  view.apply({ joined: [pool('a', '0'), pool('b', '0')], activity: [], left: [] });
  expect(view.managers.map(({ onHoldBecause }) => onHoldBecause)).toEqual(['everything fails', undefined]);
});

test('a block is closed when none of its pools gets tasks, and listeners hear of it', () => {
  const view = viewAt({ now: 0 });
  view.apply({
    joined: [pool('a', '0'), pool('b', '0'), pool('c', '1')],
    activity: ['a', 'b', 'c'].map((id) => tasks(id, 1)),
    left: [],
  });
  const listener = vi.fn();
  view.onActivity(listener);
  view.held('a', 'everything fails');
  expect(view.managers[0]).toMatchObject({ id: 'a', onHold: true, onHoldBecause: 'everything fails' });
  expect([...view.closedBlocks]).toEqual([]);
  view.apply({ joined: [], activity: [{ ...tasks('b', 1), draining: true }], left: [] });
  expect([...view.closedBlocks]).toEqual([['0', 'held']]);
  view.apply({ joined: [], activity: [{ ...tasks('c', 1), draining: true }], left: [] });
  expect([...view.closedBlocks]).toEqual([
    ['0', 'held'],
    ['1', 'draining'],
  ]);
  expect(listener).toHaveBeenCalledTimes(2);
  view.apply({ joined: [], activity: [], left: [{ id: 'a', ...left }] });
  expect(view.closedBlocks.get('0')).toBe('draining');
  view.apply({ joined: [pool('d', '0')], activity: [], left: [{ id: 'c', ...left }] });
  expect([...view.closedBlocks]).toEqual([]);
  expect(view.workers).toBe(2);
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

test('the sums are those of the pools, whatever happens', () => {
  const random = seededRandom(1);
  const below = (limit: number) => Math.floor(random() * limit);
  const view = viewAt({ now: 0 });
  const sum = (pools: readonly ConnectedManager[], of: (pool: ConnectedManager) => number) =>
    pools.reduce((total, each) => total + of(each), 0);
  for (let step = 0; step < 3000; step++) {
    const id = `p${below(30)}`;
    view.apply({
      joined: random() < 0.3 ? [pool(id, String(below(5)), 1 + below(4))] : [],
      activity: [{ id: `p${below(30)}`, tasks: below(3), draining: random() < 0.1, onHold: random() < 0.1 }],
      left: random() < 0.3 ? [{ id: `p${below(30)}`, reason: '', lost: false }] : [],
    });
    const { managers } = view;
    const open = managers.filter(({ draining, onHold }) => !draining && !onHold);
    const ids = new Set(managers.map(({ blockId }) => blockId));
    const agree =
      view.workers === sum(open, ({ workers }) => workers) &&
      view.workersPerPool === Math.max(0, ...managers.map(({ workers }) => workers)) &&
      view.blockIds.length === ids.size &&
      [...view.activity()].every(([blockId, block]) => {
        const own = managers.filter((each) => each.blockId === blockId);
        const tasksHeld = sum(own, (each) => each.tasks);
        return (
          block.managers === own.length &&
          block.workers === sum(own, ({ workers }) => workers) &&
          block.tasks === tasksHeld &&
          (block.idleSince === undefined) === tasksHeld > 0
        );
      });
    if (!agree) throw new Error(`sums and pools differ after step ${step}`);
  }
});

test('news of one pool among thousands, and the capacity, go over none of the others', () => {
  const view = viewAt({ now: 0 });
  const all = Array.from({ length: 10_000 }, (_, index) => pool(`p${index}`, String(index % 8)));
  view.apply({ joined: all, activity: [], left: [] });
  const values = vi.spyOn(Map.prototype, 'values');
  const keys = vi.spyOn(Map.prototype, 'keys');
  const entries = vi.spyOn(Map.prototype, Symbol.iterator);
  view.apply({ joined: [pool('new', '0')], activity: [tasks('p7', 3)], left: [{ ...left, id: 'p8' }] });
  expect(view.workers).toBe(20_000);
  expect(view.workersPerPool).toBe(2);
  expect(view.activity().size).toBe(8);
  const sizes = [values, keys, entries].flatMap(({ mock }) =>
    mock.contexts.map((map) => (map as Map<unknown, unknown>).size),
  );
  vi.restoreAllMocks();
  expect(Math.max(...sizes)).toBeLessThan(10);
});
