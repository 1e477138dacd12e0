import { expect, it } from 'vitest';
import type { ExecutorTask } from '../executor.js';
import { ReadyQueue } from './ready-queue.js';

function makeTask(taskId: number, priority?: number): ExecutorTask {
  return {
    taskId,
    attempt: 0,
    app: { name: 'f', fn: undefined, contextIndex: -1, bundle: () => Promise.reject(new Error('none')) },
    args: [],
    priority,
    timeoutMs: undefined,
    stdout: undefined,
    stderr: undefined,
    started: () => undefined,
    succeeded: () => undefined,
    failed: () => undefined,
  };
}

function drain(queue: ReadyQueue): number[] {
  const ids: number[] = [];
  for (let task = queue.shift(); task !== undefined; task = queue.shift()) ids.push(task.taskId);
  return ids;
}

it('gives small priorities first, equal ones in order of arrival, and those without last', () => {
  const queue = new ReadyQueue();
  const priorities = [undefined, 5, 1, undefined, 5, -3, 1, 0];
  priorities.forEach((priority, id) => {
    queue.push(makeTask(id, priority));
  });
  expect(queue.size).toBe(8);
  expect(drain(queue)).toEqual([5, 7, 2, 6, 1, 4, 0, 3]);
});

it('orders many as a stable sort would', () => {
  const queue = new ReadyQueue();
  const priorities = Array.from({ length: 1000 }, (_, n) => (n * 7919) % 13);
  priorities.forEach((priority, id) => {
    queue.push(makeTask(id, priority));
  });
  const expected = priorities
    .map((priority, id) => ({ priority, id }))
    .sort((a, b) => a.priority - b.priority);
  expect(drain(queue)).toEqual(expected.map(({ id }) => id));
});

it('does not give what was taken out', () => {
  const queue = new ReadyQueue();
  const tasks = [makeTask(0), makeTask(1, 1), makeTask(2), makeTask(3, 0)];
  for (const task of tasks) queue.push(task);
  for (const task of tasks.slice(1, 3)) expect(queue.remove(task)).toBe(true);
  expect(queue.size).toBe(2);
  queue.push(makeTask(4));
  expect(queue.size).toBe(3);
  expect(drain(queue)).toEqual([3, 0, 4]);
  expect(queue.size).toBe(0);
});

it('says of what is not in it that it is not, and counts as before', () => {
  const queue = new ReadyQueue();
  const [first, second] = [makeTask(0), makeTask(1, 1)];
  expect(queue.remove(first)).toBe(false);
  queue.push(first);
  queue.push(second);
  expect(queue.shift()).toBe(second);
  expect(queue.remove(second)).toBe(false);
  expect(queue.size).toBe(1);
  expect(queue.remove(first)).toBe(true);
  expect(queue.remove(first)).toBe(false);
  expect(queue.size).toBe(0);
  expect(queue.shift()).toBeUndefined();
  queue.push(first);
  expect(queue.size).toBe(1);
  expect(drain(queue)).toEqual([0]);
});
