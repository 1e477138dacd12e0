import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { PriorityQueue } from './priority-queue.js';

interface Item {
  readonly name: number;
  readonly priority: number;
}

function queueOf(...priorities: number[]): PriorityQueue<Item> {
  const queue = new PriorityQueue<Item>(
    ({ priority }) => priority,
    ({ name }) => name,
  );
  for (const [name, priority] of priorities.entries()) queue.push({ name, priority });
  return queue;
}

const names = (items: readonly Item[]) => items.map(({ name }) => name);

/** What a queue has to do, in the simplest way. */
class PlainQueue {
  items: Item[] = [];
  push(item: Item): void {
    this.insert(item, ({ priority }) => priority > item.priority);
  }
  putBack(items: readonly Item[]): void {
    for (const item of items.toReversed()) this.insert(item, ({ priority }) => priority >= item.priority);
  }
  private insert(item: Item, isAfter: (other: Item) => boolean): void {
    const at = this.items.findIndex(isAfter);
    this.items.splice(at < 0 ? this.items.length : at, 0, item);
  }
}

describe('a priority queue', () => {
  test('smaller priorities come first, none last, equals in order of arrival', () => {
    const queue = queueOf(Infinity, 5, 1, 5, -2, Infinity, 1);
    expect(queue.size).toBe(7);
    expect(names(queue.all())).toEqual([4, 2, 6, 1, 3, 0, 5]);
    expect(queue.pop()?.name).toBe(5);
    expect(names(queue.clear())).toEqual([4, 2, 6, 1, 3, 0]);
    expect(queue.size).toBe(0);
    expect([queue.peek(), queue.shift(), queue.pop()]).toEqual([undefined, undefined, undefined]);
  });

  test('what is put back comes before its equals, in its order', () => {
    const queue = queueOf(1, 1, 1);
    const back = [1, 0, 1].map((priority, index) => ({ name: 10 + index, priority }));
    queue.putBack(back);
    expect(names(queue.clear())).toEqual([11, 10, 12, 0, 1, 2]);
  });

  test('what is extracted is told, and the rest stays', () => {
    const queue = queueOf(0, 1, 0, 1);
    expect(names(queue.extract(({ name }) => [1, 2, 3, 99].includes(name)))).toEqual([2, 1, 3]);
    expect(queue.size).toBe(1);
    queue.push({ name: 7, priority: 1 });
    expect(names(queue.clear())).toEqual([0, 7]);
  });

  test('what is removed by its name comes no more, wherever it waits', () => {
    const queue = queueOf(1, 0, 1, 2, 1, 2);
    expect(queue.remove(2)?.name).toBe(2);
    expect(queue.remove(2)).toBeUndefined();
    expect(queue.remove(99)).toBeUndefined();
    expect([1, 5].map((name) => queue.remove(name)?.name)).toEqual([1, 5]);
    expect(queue.size).toBe(3);
    expect(queue.peek()?.name).toBe(0);
    queue.putBack([{ name: 7, priority: 1 }]);
    queue.push({ name: 8, priority: 1 });
    expect([7, 8, 3].map((name) => queue.remove(name)?.name)).toEqual([7, 8, 3]);
    expect(names(queue.clear())).toEqual([0, 4]);
    expect(queue.remove(0)).toBeUndefined();
  });

  /** A queue, and how often it has asked for a name. */
  const watchedQueue = () => {
    const asked = { times: 0 };
    const queue = new PriorityQueue<Item>(
      ({ priority }) => priority,
      ({ name }) => {
        asked.times++;
        return name;
      },
    );
    return { queue, asked };
  };

  test('removing one after the other looks at no others', () => {
    const { queue, asked } = watchedQueue();
    for (let name = 0; name < 10_000; name++) queue.push({ name, priority: name % 3 });
    for (let name = 0; name < 10_000; name += 2) expect(queue.remove(name)?.name).toBe(name);
    expect(queue.size).toBe(5000);
    // Once each of those that wait, and once each that goes, and again when gaps are closed.
    expect(asked.times).toBeLessThan(25_000);
    expect(queue.shift()?.name).toBe(3);
  });

  test('one that is removed costs those nothing that come much later', () => {
    const { queue, asked } = watchedQueue();
    for (let name = 0; name < 2000; name++) queue.push({ name, priority: 1 });
    queue.remove(1000);
    for (let name = 2000; name < 50_000; name++) {
      queue.push({ name, priority: 1 });
      queue.shift();
    }
    // Those that waited, and about as many after them, when they come and when they go.
    expect(asked.times).toBeLessThan(8000);
    expect(queue.remove(49_000)?.name).toBe(49_000);
    expect(queue.size).toBe(1998);
    expect(queue.remove(49_000)).toBeUndefined();
    expect(queue.remove(49_999)?.name).toBe(49_999);
    expect(queue.shift()?.name).toBe(48_001);
  });

  test('gaps do not pile up between those that stay', () => {
    const queue = queueOf(...Array.from({ length: 50_000 }, () => 1));
    for (let name = 1; name < 49_999; name++) queue.remove(name);
    expect(JSON.stringify(queue).length).toBeLessThan(15_000);
    expect(names(queue.clear())).toEqual([0, 49_999]);
  });

  test('keeps order over many thousands', () => {
    const queue = queueOf();
    const taken: (Item | undefined)[] = [];
    for (let name = 0; name < 20_000; name++) {
      queue.push({ name, priority: Infinity });
      if (name % 3 === 0) taken.push(queue.shift());
    }
    taken.push(...queue.clear());
    expect(taken.map((item) => item?.name)).toEqual(Array.from({ length: 20_000 }, (_, name) => name));
  });

  test('holds nothing of what was taken out', () => {
    const queue = queueOf(1, 1, 1, 1);
    queue.shift();
    queue.remove(2);
    expect(inspect(queue, { depth: Infinity })).not.toMatch(/name: [02]/);
  });

  test('does what a sorted list does', () => {
    const priority = fc.constantFrom(0, 1, 2, Infinity);
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ do: fc.constant('push' as const), priority }) },
      { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('shift', 'pop') }) },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('put back' as const), priorities: fc.array(priority) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('extract' as const), of: fc.nat(6) }) },
      { weight: 5, arbitrary: fc.record({ do: fc.constant('remove' as const), back: fc.nat(20) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { size: 'large' }), (steps) => {
        const queue = queueOf();
        const plain = new PlainQueue();
        let name = 0;
        for (const next of steps) {
          if ('priority' in next) {
            const item = { name: name++, priority: next.priority };
            queue.push(item);
            plain.push(item);
          } else if ('priorities' in next) {
            const items = next.priorities.map((each) => ({ name: name++, priority: each }));
            queue.putBack(items);
            plain.putBack(items);
          } else if ('of' in next) {
            const matches = (item: Item) => item.name % 7 === next.of;
            expect(queue.extract(matches)).toEqual(plain.items.filter(matches));
            plain.items = plain.items.filter((item) => !matches(item));
          } else if ('back' in next) {
            const at = plain.items.findIndex((item) => item.name === name - next.back);
            expect(queue.remove(name - next.back)).toBe(at < 0 ? undefined : plain.items.splice(at, 1)[0]);
          } else if (next.do === 'shift') {
            expect(queue.peek()).toBe(plain.items[0]);
            expect(queue.shift()).toBe(plain.items.shift());
          } else expect(queue.pop()).toBe(plain.items.pop());
          expect(queue.size).toBe(plain.items.length);
        }
        expect(queue.all()).toEqual(plain.items);
      }),
    );
  });
});
