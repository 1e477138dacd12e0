import { expect, test } from 'vitest';

import { registration } from '../testing/simulated-run.js';
import { Heap } from './heap.js';
import { Manager } from './manager.js';
import { seededRandom } from './seeded-random.js';
import { createSelector, takePlace, type SelectorName, type Standing } from './selector.js';

/** The order in which managers would get tasks; each is given as id, block, workers and tasks that it holds. */
function order(name: SelectorName, given: readonly (readonly [string, string, number, number])[], seed = 1) {
  const selector = createSelector(name, seededRandom(seed));
  const heap = new Heap<Standing>((a, b) => selector.before(a, b));
  for (const [id, blockId, workers, held] of given) {
    const manager = new Manager(id, registration({ blockId, workers }), 0);
    for (let submission = 0; submission < held; submission++) manager.held.add(submission);
    const standing = { manager, rank: 0, turn: 0, place: -1 };
    takePlace(standing, heap, selector);
  }
  const ids: string[] = [];
  for (let first = heap.first; first !== undefined; first = heap.first) {
    ids.push(first.manager.id);
    heap.remove(first);
  }
  return ids;
}

test('spread: the least loaded for its size first, equals by chance', () => {
  const given = [
    ['a', '0', 2, 1],
    ['b', '0', 8, 2],
    ['c', '0', 1, 3],
    ['d', '0', 4, 4],
  ] as const;
  expect(order('spread', given)).toEqual(['b', 'a', 'd', 'c']);
  const equals = ['a', 'b', 'c', 'd'].map((id) => [id, '0', 2, 1] as const);
  const orders = new Set(Array.from({ length: 50 }, (_, seed) => order('spread', equals, seed)[0]));
  expect([...orders].sort()).toEqual(['a', 'b', 'c', 'd']);
});

test('random: any of those with idle workers, and only then the others', () => {
  const given = ['a', 'b', 'c', 'd'].map((id, index) => [id, '0', 2, index] as const);
  const firsts = new Set<string | undefined>();
  for (let seed = 0; seed < 50; seed++) {
    const ids = order('random', given, seed);
    firsts.add(ids[0]);
    expect(ids.slice(2).sort()).toEqual(['c', 'd']);
  }
  expect([...firsts].sort()).toEqual(['a', 'b']);
});

test('block-id: by the number of the block, those with idle workers first', () => {
  expect(
    order('block-id', [
      ['a', '10', 2, 0],
      ['b', '9', 2, 2],
      ['c', '2', 2, 1],
      ['d', '2', 2, 1],
    ]),
  ).toEqual(['c', 'd', 'a', 'b']);
});
