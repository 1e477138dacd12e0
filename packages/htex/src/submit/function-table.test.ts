import { FunctionNotShippableError, type TaskFunction } from '@parsl-ts/core';
import { expect, test } from 'vitest';

import { testFunction, TestTask } from '../testing/test-tasks.js';
import { FunctionTable, type ShippedFunction } from './function-table.js';
import { packTask } from './task-sender.js';

/** A function that cannot be packed for each of `errors` in turn, and can then. */
function failing(...errors: Error[]): TaskFunction {
  const fn = testFunction('() => 1');
  const bundle = () => {
    const error = errors.shift();
    return error === undefined ? fn.bundle() : Promise.reject(error);
  };
  return { ...fn, bundle };
}

/** A table, and what it has told. */
class Tabled {
  readonly told: unknown[] = [];
  readonly table = new FunctionTable({
    onPacked: (code, waiting) => this.tell({ index: code[0]?.readUInt32LE(0), tasks: [...waiting].length }),
    onFailed: (error, submissions) => this.tell({ error, submissions: [...submissions] }),
  });
  private heard: () => void = () => undefined;

  /** Asks for a function, has a task wait for it, and waits for what becomes of both. */
  async ask(app: TaskFunction, submission: number): Promise<ShippedFunction> {
    const told = new Promise<void>((resolve) => (this.heard = resolve));
    const entry = this.table.get(app);
    entry.waiting?.set(submission, packTask(new TestTask(app), submission, entry.index));
    await told;
    return entry;
  }

  private tell(what: unknown): void {
    this.told.push(what);
    this.heard();
  }
}

test('a function is packed anew after a fault that may pass, under an index of its own', async () => {
  const full = new Error('no space left on device');
  const tabled = new Tabled();
  const app = failing(full);
  await tabled.ask(app, 7);
  const other = await tabled.ask(testFunction('() => 2'), 8);
  const entry = await tabled.ask(app, 9);
  expect(tabled.told).toEqual([
    { error: full, submissions: [7] },
    { index: other.index, tasks: 1 },
    { index: entry.index, tasks: 1 },
  ]);
  expect(entry.index).not.toBe(other.index);
  expect(tabled.table.get(app)).toBe(entry);
  expect(tabled.table.packed()).toHaveLength(2);
});

test('a function that cannot be shipped is not packed again', async () => {
  const refused = new FunctionNotShippableError({ functionName: 'f', location: undefined, problems: [] });
  const tabled = new Tabled();
  const app = failing(refused);
  const entry = await tabled.ask(app, 7);
  expect(tabled.told).toEqual([{ error: refused, submissions: [7] }]);
  expect(entry.error).toBe(refused);
  expect(tabled.table.get(app)).toBe(entry);
});
