import { describe, expect, test } from 'vitest';

import { seededRandom } from '../interchange/seeded-random.js';
import { TestTask, testFunction } from '../testing/test-tasks.js';
import { OutstandingTasks } from './outstanding-tasks.js';

const fn = testFunction('() => 1');
const newTask = () => new TestTask(fn);

describe('outstanding tasks', () => {
  test('are found by number, and taken once', () => {
    const tasks = new OutstandingTasks();
    const all = Array.from({ length: 3000 }, newTask);
    const numbers = all.map((task) => tasks.add(task));
    expect(numbers).toEqual(all.map((_, index) => index));
    expect(tasks.get(2500)).toBe(all[2500]);
    expect(tasks.take(2500)).toBe(all[2500]);
    expect(tasks.take(2500)).toBeUndefined();
    expect(tasks.get(2500)).toBeUndefined();
    expect(tasks.get(99_999)).toBeUndefined();
    expect(tasks.take(-1)).toBeUndefined();
    expect(tasks.take(0.5)).toBeUndefined();
    expect(tasks.take(NaN)).toBeUndefined();
    expect(tasks.size).toBe(2999);
  });

  test('in any order, against a map', () => {
    const random = seededRandom(5);
    const tasks = new OutstandingTasks();
    const model = new Map<number, TestTask>();
    const bytes = new Map<number, number>();
    for (let step = 0; step < 20_000; step++) {
      if (random() < 0.52) {
        const task = newTask();
        const submission = tasks.add(task);
        model.set(submission, task);
        // One that could not be packed has none.
        if (random() < 0.1) continue;
        bytes.set(submission, Math.floor(random() * 2 ** 30));
        tasks.noteBytes(submission, bytes.get(submission)!);
      } else {
        const submission = Math.floor(random() * step);
        expect(tasks.take(submission)).toBe(model.get(submission));
        model.delete(submission);
        bytes.delete(submission);
      }
    }
    expect(tasks.size).toBe(model.size);
    expect(tasks.bytes).toBe([...bytes.values()].reduce((sum, each) => sum + each, 0));
    expect(tasks.takeAll()).toEqual([...model.values()]);
    expect(tasks.size).toBe(0);
    expect(tasks.bytes).toBe(0);
    const again = newTask();
    expect(tasks.take(tasks.add(again))).toBe(again);
  });

  test('their numbers are known to those who cancel, before and after', () => {
    const tasks = new OutstandingTasks();
    const [early, late, gone] = [newTask(), newTask(), newTask()];
    tasks.add(early);
    tasks.take(tasks.add(gone));
    expect(tasks.submissionOf(early)).toBe(0);
    tasks.add(late);
    expect(tasks.submissionOf(late)).toBe(2);
    expect(tasks.submissionOf(gone)).toBeUndefined();
    tasks.take(2);
    expect(tasks.submissionOf(late)).toBeUndefined();
  });
});
