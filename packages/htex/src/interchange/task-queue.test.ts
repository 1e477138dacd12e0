import { describe, expect, test } from 'vitest';
import { taskField } from '@parsl-ts/wire';

import { taskRecord as task } from '../testing/simulated-run.js';
import { TaskQueue } from './task-queue.js';

function drain(queue: TaskQueue): number[] {
  const order: number[] = [];
  for (let record = queue.shift(); record !== undefined; record = queue.shift()) {
    order.push(taskField.submission(record));
  }
  return order;
}

describe('the queue', () => {
  test('smaller priorities come first, none last, equals in order of arrival', () => {
    const queue = new TaskQueue();
    const given = [Infinity, 5, 1, 5, -2, Infinity, 1];
    given.forEach((priority, submission) => queue.push(task(submission, priority)));
    expect(queue.size).toBe(7);
    expect(drain(queue)).toEqual([4, 2, 6, 1, 3, 0, 5]);
    expect(queue.size).toBe(0);
    expect(queue.shift()).toBeUndefined();
  });

  test('what is put back comes before its equals, in its order', () => {
    const queue = new TaskQueue();
    [0, 1, 2].forEach((submission) => queue.push(task(submission, 1)));
    queue.putBack([task(10, 1), task(11, 0), task(12, 1)]);
    expect(drain(queue)).toEqual([11, 10, 12, 0, 1, 2]);
  });

  test('removes by submission, and tells what it removed', () => {
    const queue = new TaskQueue();
    [0, 1, 2, 3].forEach((submission) => queue.push(task(submission, submission % 2)));
    const removed = queue.extract((record) => [1, 2, 3, 99].includes(taskField.submission(record)));
    expect(removed.map((record) => taskField.submission(record))).toEqual([2, 1, 3]);
    expect(queue.size).toBe(1);
    queue.push(task(7, 1));
    expect(drain(queue)).toEqual([0, 7]);
  });

  test('keeps order over many thousands', () => {
    const queue = new TaskQueue();
    const taken: number[] = [];
    for (let submission = 0; submission < 20_000; submission++) {
      queue.push(task(submission));
      if (submission % 3 === 0) taken.push(taskField.submission(queue.shift()!));
    }
    taken.push(...drain(queue));
    expect(taken).toEqual(Array.from({ length: 20_000 }, (_, index) => index));
  });
});
