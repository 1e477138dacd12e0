import { describe, expect, it, onTestFinished } from 'vitest';
import { mapAndSetDependencies } from '../dependencies/dependency-resolver.js';
import { DependencyError } from '../errors.js';
import type { AppFuture } from '../futures/app-future.js';
import { rejection, testKit } from '../testing/test-kit.js';

const { startKernel } = testKit(onTestFinished);

function fail(message = 'boom'): never {
  throw new Error(message);
}

describe('dependencies', () => {
  it('are replaced by their values, wherever they are', async () => {
    const kernel = await startKernel();
    const add = kernel.app((a: number, b: number) => a + b);
    const sum = kernel.app((xs: readonly number[], more: { y: number }) =>
      xs.reduce((a, b) => a + b, more.y),
    );
    expect(await sum([add(1, 2), 3, Promise.resolve(4)], { y: add(add(5, 6), 7) })).toBe(28);
  });

  it('may be foreign promises that fail', async () => {
    const kernel = await startKernel();
    const id = kernel.app((x: number) => x);
    const cause = new Error('foreign');
    const error = await rejection(id(Promise.reject(cause)));
    expect(error).toMatchObject({ code: 'PARSL_DEPENDENCY', cause, root: { taskId: undefined } });
  });

  it('may be promises of a careless kind', async () => {
    const kernel = await startKernel();
    const id = kernel.app((x: unknown) => x);
    const talkative = {
      then(resolve: (value: unknown) => void): void {
        resolve(1);
        resolve(2);
        fail('too late');
      },
    };
    expect(await id([talkative])).toEqual([1]);
    expect(await id([{ then: (resolve: (value: unknown) => void) => resolve(talkative) }])).toEqual([1]);
    const broken = { then: () => fail('broken') };
    expect(await rejection(id([broken]))).toMatchObject({
      code: 'PARSL_DEPENDENCY',
      cause: { message: 'broken' },
    });
  });

  it('may be inside maps and sets with a resolver', async () => {
    const kernel = await startKernel({ dependencyResolver: mapAndSetDependencies });
    const one = kernel.app(() => 1);
    const size = kernel.app((map: ReadonlyMap<string, unknown>) => [...map.values()]);
    expect(await size(new Map([['a', one()]]))).toEqual([1]);
  });

  it('fail only the task when the resolver throws', async () => {
    let calls = 0;
    const kernel = await startKernel({
      dependencyResolver: (value, visit) => {
        calls++;
        if (calls > 3) fail('resolver');
        return mapAndSetDependencies(value, visit);
      },
    });
    const one = kernel.app(() => 1);
    const keep = kernel.app((map: unknown) => map);
    expect(await rejection(keep(new Map([['a', one()]])))).toMatchObject({ message: 'resolver' });
    expect(await one()).toBe(1);
  });

  it('that fail are named, with the task in which it all began', async () => {
    const kernel = await startKernel({ retries: 0 });
    const broken = kernel.app(() => fail(), { name: 'broken' });
    const next = kernel.app((x: number) => x + 1, { name: 'next' });
    const first = broken();
    const third = next(next(next(first)));
    const error = await rejection(third);
    expect(error).toBeInstanceOf(DependencyError);
    expect(error).toMatchObject({
      taskId: 3,
      root: { taskId: 0, name: 'broken' },
      rootCause: { message: 'boom' },
      cause: { taskId: 2, cause: { taskId: 1, cause: { message: 'boom' } } },
    });
    expect(error).toHaveProperty(
      'message',
      "task 3 'next' was not run because task 0 'broken', on which task 2 'next' depends, failed: boom",
    );
    expect(kernel.taskCounts).toMatchObject({ failed: 1, dep_fail: 3, exec_done: 0 });
  });

  it('that have failed already fail the call at once', async () => {
    const kernel = await startKernel();
    const broken = kernel.app(() => fail())();
    await rejection(broken);
    const next = kernel.app((x: number, y: number) => x + y)(broken, new Promise<number>(() => undefined));
    expect(next.state).toBe('dep_fail');
    expect(await rejection(next)).toBeInstanceOf(DependencyError);
  });

  it('may be parts of results', async () => {
    const kernel = await startKernel();
    const make = kernel.app(() => ({ list: [1, 2, 3] }));
    const double = kernel.app((x: number) => 2 * x);
    expect(await double(make().get('list').get(2))).toBe(6);
    const error = await rejection(double(make().get('list').get(9)));
    expect(error).toMatchObject({ code: 'PARSL_DEPENDENCY', cause: { code: 'PARSL_RESULT_PROPERTY' } });
  });

  it.each([
    ['whose message is no text', () => Object.assign(new Error(), { message: Symbol('no') })],
    [
      'whose message cannot be read',
      () =>
        Object.defineProperty(new Error(), 'message', {
          get: () => {
            throw new Error('no');
          },
        }),
    ],
    [
      'of which nothing can be read',
      () => {
        const trap = (): never => {
          throw new Error('no');
        };
        return new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap });
      },
    ],
  ])('that fail with something %s fail those that depend on them, and nobody else', async (_what, make) => {
    const kernel = await startKernel({ retries: 1 });
    const broken = kernel.app((): number => {
      throw make() as Error;
    })();
    const next = kernel.app((x: number) => x + 1);
    expect(await rejection(next(broken))).toMatchObject({ code: 'PARSL_DEPENDENCY', root: { taskId: 0 } });
    expect(await next(1)).toBe(2);
    expect(kernel.outstanding).toBe(0);
  });

  it('may belong to another kernel', async () => {
    const [one, two] = [await startKernel(), await startKernel()];
    const add = (a: number, b: number): number => a + b;
    const [first, second] = [one.app(add), two.app(add)];
    expect(await first(second(first(1, 1), 1), 1)).toBe(4);
  });

  it('make chains and fans of many thousands', async () => {
    const kernel = await startKernel();
    const next = kernel.app((x: number) => x + 1);
    let last: AppFuture<number> = next(0);
    for (let n = 1; n < 20_000; n++) last = next(last);
    expect(await last).toBe(20_000);
    const count = kernel.app((xs: readonly number[]) => xs.length);
    expect(await count(Array.from({ length: 10_000 }, (_, n) => next(n)))).toBe(10_000);
    let failing: AppFuture<number> = kernel.app((): number => fail())();
    for (let n = 0; n < 20_000; n++) failing = next(failing);
    expect(await rejection(failing)).toMatchObject({ rootCause: { message: 'boom' } });
  });
});
