import { describe, expect, it, onTestFinished } from 'vitest';
import { JoinError } from '../errors.js';
import type { AppFuture } from '../futures/app-future.js';
import { gate, rejection, testKit } from '../testing/test-kit.js';

const { startKernel } = testKit(onTestFinished);

function fail(message = 'boom'): never {
  throw new Error(message);
}

describe('join apps', () => {
  it('have the values of the futures that they return', async () => {
    const kernel = await startKernel();
    const add = kernel.app((a: number, b: number) => a + b);
    expect(await kernel.joinApp((x: number) => add(x, 1))(1)).toBe(2);
    expect(await kernel.joinApp((x: number) => [add(x, 1), add(x, 2)])(1)).toEqual([2, 3]);
    expect(await kernel.joinApp((): PromiseLike<number>[] => [])()).toEqual([]);
    expect(await kernel.joinApp(async (x: number) => Promise.resolve([add(x, 1)]))(1)).toEqual([2]);
    expect(await kernel.joinApp(async (x: number) => (await add(x, 1)) * 10)(1)).toBe(20);
  });

  it('recurse', async () => {
    const kernel = await startKernel();
    const add = kernel.app((a: number, b: number) => a + b);
    const fibonacci = kernel.joinApp((n: number): PromiseLike<number> =>
      n < 2 ? add(n, 0) : add(fibonacci(n - 1), fibonacci(n - 2)),
    );
    expect(await fibonacci(12)).toBe(144);
    const countdown = kernel.joinApp((n: number): PromiseLike<number> =>
      n === 0 ? add(0, 0) : countdown(n - 1),
    );
    expect(await countdown(5000)).toBe(0);
  });

  it('fail alone when what they return cannot be looked through', async () => {
    const kernel = await startKernel();
    const unreadable = kernel.joinApp(async () =>
      Promise.resolve({
        get it(): never {
          throw new Error('no');
        },
      }),
    );
    const bottomless = kernel.joinApp(async () => {
      let value: unknown = 1;
      for (let level = 0; level < 100_000; level++) value = [value];
      return Promise.resolve(value);
    });
    expect(await rejection(unreadable())).toMatchObject({ message: 'no' });
    expect(await rejection(bottomless())).toBeInstanceOf(RangeError);
    expect(await kernel.app(() => 'the next')()).toBe('the next');
    expect(kernel.outstanding).toBe(0);
  });

  it('refuse a function that returns something else', async () => {
    const kernel = await startKernel();
    // @ts-expect-error a number is no future
    expect(await rejection(kernel.joinApp(() => 5)())).toMatchObject({ code: 'PARSL_JOIN_BODY' });
    // @ts-expect-error nor is it inside an array
    const error = await rejection(kernel.joinApp(() => [Promise.resolve(1), 5])());
    expect(error).toHaveProperty('message', expect.stringContaining('an array with something else in it'));
  });

  it('wait for all their futures, and then list those that failed', async () => {
    const kernel = await startKernel();
    const { opened, open } = gate();
    const broken = kernel.app((name: string) => fail(name));
    const slow = kernel.app(() => opened);
    let parts: AppFuture<unknown>[] = [];
    const joined = kernel.joinApp(() => (parts = [broken('one'), slow(), broken('two')]))();
    await expect.poll(() => joined.state).toBe('joining');
    await Promise.allSettled([parts[0], parts[2]]);
    expect(joined.state).toBe('joining');
    open();
    const error = await rejection(joined);
    expect(error).toBeInstanceOf(JoinError);
    expect(error).toMatchObject({
      failures: [{ error: { message: 'one' } }, { error: { message: 'two' } }],
      cause: { message: 'one' },
    });
  });

  it('try their function again, but not their futures', async () => {
    const kernel = await startKernel({ retries: 2 });
    let calls = 0;
    const one = kernel.app(() => 1);
    const flaky = kernel.joinApp(() => {
      calls++;
      return calls < 3 ? fail() : one();
    });
    expect(await flaky()).toBe(1);
    calls = 10;
    const broken = kernel.app(() => fail()).with({ retries: 0 });
    const joined = kernel.joinApp(() => {
      calls++;
      return broken();
    });
    expect(await rejection(joined())).toBeInstanceOf(JoinError);
    expect(calls).toBe(11);
  });
});
