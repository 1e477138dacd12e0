import { encodeValue, writeTask } from '@parsl-ts/wire';
import { expect, test } from 'vitest';

import { seededRandom } from '../testing/seeded-random.js';
import { FunctionRecord } from './function-record.js';
import { heldTask, type HeldTask } from './held-task.js';
import { TaskQueue } from './task-queue.js';

const fn = new FunctionRecord(0);
const args = encodeValue([], 'args');

function task(submission: number, priority = Infinity): HeldTask {
  const head = { submission, taskId: 0, attempt: 0, functionIndex: 0, timeoutMs: 0, priority };
  return heldTask(writeTask({ ...head, options: undefined, args }), fn);
}

/** What a queue has to do, in the simplest way. */
class PlainQueue {
  tasks: HeldTask[] = [];
  push(added: HeldTask): void {
    const at = this.tasks.findIndex(({ priority }) => priority > added.priority);
    this.tasks.splice(at < 0 ? this.tasks.length : at, 0, added);
  }
  unshift(added: HeldTask): void {
    const at = this.tasks.findIndex(({ priority }) => priority >= added.priority);
    this.tasks.splice(at < 0 ? this.tasks.length : at, 0, added);
  }
}

test.each([1, 2, 3, 4, 5])('does what a sorted list does (seed %i)', (seed) => {
  const random = seededRandom(seed);
  const queue = new TaskQueue();
  const plain = new PlainQueue();
  let next = 0;
  for (let step = 0; step < 6000; step++) {
    const choice = random();
    if (choice < 0.55) {
      const added = task(next++, random() < 0.3 ? Math.floor(random() * 3) : Infinity);
      queue.push(added);
      plain.push(added);
    } else if (choice < 0.8) {
      expect(queue.peek()).toBe(plain.tasks[0]);
      const taken = queue.shift();
      expect(taken).toBe(plain.tasks.shift());
      if (taken !== undefined && random() < 0.3) {
        queue.unshift(taken);
        plain.unshift(taken);
      }
    } else if (choice < 0.99) expect(queue.pop()).toBe(plain.tasks.pop());
    else {
      const matches = ({ submission }: HeldTask) => submission % 7 === step % 7;
      expect(queue.extract(matches)).toEqual(plain.tasks.filter(matches));
      plain.tasks = plain.tasks.filter((kept) => !matches(kept));
    }
    expect(queue.size).toBe(plain.tasks.length);
  }
  expect(queue.clear()).toEqual(plain.tasks);
});
