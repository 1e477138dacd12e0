import { expect, test } from 'vitest';

import { Heap, type HeapItem } from './heap.js';
import { seededRandom } from './seeded-random.js';

interface Numbered extends HeapItem {
  rank: number;
}

const item = (rank: number): Numbered => ({ rank, place: -1 });

test('the first is always the least, whatever is added, moved and removed', () => {
  const random = seededRandom(1);
  const heap = new Heap<Numbered>((a, b) => a.rank < b.rank);
  const inside = new Set<Numbered>();
  const all = Array.from({ length: 200 }, () => item(0));
  for (let step = 0; step < 20_000; step++) {
    const one = all[Math.floor(random() * all.length)]!;
    if (random() < 0.6) {
      one.rank = Math.floor(random() * 50);
      heap.put(one);
      inside.add(one);
    } else {
      heap.remove(one);
      inside.delete(one);
    }
    if (heap.size !== inside.size || heap.has(one) !== inside.has(one)) throw new Error('wrong items');
    const least = Math.min(...[...inside].map(({ rank }) => rank));
    if (inside.size > 0 && heap.first?.rank !== least) throw new Error(`not ${least} in step ${step}`);
  }
});

test('a change costs a few comparisons among thousands', () => {
  let comparisons = 0;
  const heap = new Heap<Numbered>((a, b) => {
    comparisons++;
    return a.rank < b.rank;
  });
  const all = Array.from({ length: 16_384 }, (_, index) => item(index));
  for (const one of all) heap.put(one);
  comparisons = 0;
  for (const [index, one] of all.entries()) {
    one.rank = (index * 7919) % 16_384;
    heap.put(one);
  }
  expect(comparisons / all.length).toBeLessThan(40);
});

test('one heap leaves the items of another alone', () => {
  const [here, there] = [new Heap<Numbered>((a, b) => a.rank < b.rank), new Heap<Numbered>(() => false)];
  const [one, other] = [item(1), item(2)];
  here.put(one);
  there.put(other);
  here.remove(other);
  expect([here.size, there.size]).toEqual([1, 1]);
  here.remove(one);
  expect(here.first).toBeUndefined();
  expect(one.place).toBe(-1);
});
