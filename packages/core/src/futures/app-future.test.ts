import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { rejection } from '../testing/test-kit.js';
import { AppFuture, fulfilFuture, rejectFuture } from './app-future.js';

function makeFuture<T>(): AppFuture<T> {
  return new AppFuture<T>(7, { name: 'step' }, undefined);
}

describe('AppFuture', () => {
  it('gives its value to whoever asks, before and after it is there', async () => {
    const future = makeFuture<number>();
    const early = future.then((value) => value + 1);
    expect(future.done).toBe(false);
    fulfilFuture(future, 'exec_done', 1);
    expect(future.done).toBe(true);
    expect(future.state).toBe('exec_done');
    expect(await early).toBe(2);
    expect(await future).toBe(1);
    expect(await Promise.all([future, future])).toEqual([1, 1]);
  });

  it('has `catch` and `finally`', async () => {
    const future = makeFuture<number>();
    const error = new Error('boom');
    rejectFuture(future, 'failed', error);
    let finished = 0;
    expect(await future.finally(() => finished++).catch((reason: unknown) => reason)).toBe(error);
    expect(finished).toBe(1);
  });

  it('keeps its first outcome', async () => {
    const future = makeFuture<number>();
    fulfilFuture(future, 'exec_done', 1);
    rejectFuture(future, 'failed', new Error('late'));
    expect(await future).toBe(1);
  });

  it('rejects with what is not an error, too', async () => {
    const future = makeFuture<number>();
    rejectFuture(future, 'failed', 'just text');
    expect(await rejection(future)).toBe('just text');
  });

  it('raises no unhandled rejection by merely failing', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const future = makeFuture<{ a: number }>();
      void future.get('a');
      rejectFuture(future, 'failed', new Error('boom'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it('is a promise that nothing has to wrap, and what is made of it is a promise of the language', async () => {
    const future = makeFuture<number>();
    expect(future).toBeInstanceOf(Promise);
    expect(Promise.resolve(future)).toBe(future);
    expect(future.then()).not.toBeInstanceOf(AppFuture);
    fulfilFuture(future, 'exec_done', 1);
    expect(await Promise.race([future, new Promise<never>(() => undefined)])).toBe(1);
  });

  it('lets the rejection of what is made of it be seen', async () => {
    const unhandled = new Promise((resolve) => process.once('unhandledRejection', resolve));
    const future = makeFuture<number>();
    void future.then((value) => value + 1);
    rejectFuture(future, 'failed', new Error('boom'));
    expect(await unhandled).toMatchObject({ message: 'boom' });
  });

  it('is not made by the functions of Promise', () => {
    expect(() => AppFuture.all([])).toThrow('made by calling an app');
  });

  it('is shown briefly', () => {
    expect(inspect(makeFuture())).toBe("AppFuture of task 7 'step' (pending)");
  });
});

describe('AppFuture.get', () => {
  it('takes properties and elements, of a value that is there and of one that is not', async () => {
    const future = makeFuture<{ rows: { x: number }[]; text: string }>();
    const early = future.get('rows').get(1).get('x');
    fulfilFuture(future, 'exec_done', { rows: [{ x: 1 }, { x: 2 }], text: 'abc' });
    expect(await early).toBe(2);
    expect(await future.get('text').get('length')).toBe(3);
    expect(early.taskId).toBe(7);
  });

  it('fails when the result does not have it', async () => {
    const future = makeFuture<number[]>();
    const element = future.get(5);
    fulfilFuture(future, 'exec_done', [1]);
    expect(await rejection(element)).toMatchObject({ code: 'PARSL_RESULT_PROPERTY', key: 5, taskId: 7 });
  });

  it.each([null, undefined])('fails when the result is %s', async (result) => {
    const future = makeFuture<{ a: number }>();
    fulfilFuture(future, 'exec_done', result);
    expect(await rejection(future.get('a'))).toMatchObject({ code: 'PARSL_RESULT_PROPERTY' });
  });

  it('fails with the error of the task', async () => {
    const future = makeFuture<{ a: number }>();
    const error = new Error('boom');
    const part = future.get('a');
    rejectFuture(future, 'failed', error);
    expect(await rejection(part)).toBe(error);
    expect(part.state).toBe('failed');
  });

  it('waits for a part that is a promise', async () => {
    const future = makeFuture<{ later: Promise<number> }>();
    fulfilFuture(future, 'exec_done', { later: Promise.resolve(3) });
    expect(await future.get('later')).toBe(3);
  });

  it('does not recurse along a long chain', async () => {
    interface Nested {
      readonly inner: Nested;
    }
    const future = makeFuture<Nested>();
    let last: AppFuture<Nested> = future;
    for (let depth = 0; depth < 20_000; depth++) last = last.get('inner');
    const self: { inner: unknown } = { inner: undefined };
    self.inner = self;
    fulfilFuture(future, 'exec_done', self);
    expect(await last).toBe(self);
  });
});
