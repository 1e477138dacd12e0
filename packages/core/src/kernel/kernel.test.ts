import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapAndSetDependencies } from '../dependencies/dependency-resolver.js';
import { DependencyError, JoinError, TaskCancelledError } from '../errors.js';
import type { AppFuture } from '../futures/app-future.js';
import { rejection, startKernel } from '../testing/start-kernel.js';

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

function fail(message = 'boom'): never {
  throw new Error(message);
}

describe('calls', () => {
  it('run as tasks with numbers in order', async () => {
    const kernel = await startKernel();
    const square = kernel.app((x: number) => x * x);
    const futures = Array.from({ length: 50 }, (_, x) => square(x));
    expect(futures.map((future) => future.taskId)).toEqual(futures.map((_, n) => n));
    expect(await Promise.all(futures)).toEqual(futures.map((_, x) => x * x));
  });

  it('report their errors when they are awaited, not before', async () => {
    const kernel = await startKernel();
    class OwnError extends Error {
      readonly detail = 5;
    }
    const thrown = new OwnError('boom');
    const future = kernel.app(() => {
      throw thrown;
    })();
    await kernel.waitForCurrentTasks();
    expect(future.state).toBe('failed');
    expect(await rejection(future)).toBe(thrown);
  });

  it('unwrap what async functions return', async () => {
    const kernel = await startKernel();
    expect(await kernel.app(async (x: number) => Promise.resolve(x + 1))(1)).toBe(2);
    expect(await rejection(kernel.app(async () => Promise.reject(new Error('late')))())).toMatchObject({
      message: 'late',
    });
  });

  it('take options for one call, which say nothing about the next', async () => {
    const kernel = await startKernel();
    let tries = 0;
    const flaky = kernel.app(() => {
      tries++;
      fail();
    });
    await rejection(flaky.with({ retries: 2, name: 'flaky' })());
    expect(tries).toBe(3);
    await rejection(flaky());
    expect(tries).toBe(4);
  });

  it('get the context of their task where they ask for it by name or by option', async () => {
    const kernel = await startKernel({ retries: 1 });
    const seen: unknown[] = [];
    const named = kernel.app(
      (x: number, ctx?: { taskId: number; attempt: number; worker: string; signal: AbortSignal }) => {
        seen.push([x, ctx?.taskId, ctx?.attempt, ctx?.worker, ctx?.signal.aborted]);
        if (ctx?.attempt === 0) fail();
        return ctx?.taskId;
      },
    );
    expect(await named(5)).toBe(0);
    expect(seen).toEqual([
      [5, 0, 0, 'inline', false],
      [5, 0, 1, 'inline', false],
    ]);
    const byOption = kernel.app((...[c]: [{ taskId: number }?]) => c?.taskId, { context: false });
    expect(await byOption()).toBeUndefined();
    const other = kernel.app((context?: { taskId: number }) => context?.taskId, { context: true });
    expect(await other()).toBe(2);
    const off = kernel.app((ctx?: { taskId: number }) => ctx?.taskId, { context: false });
    expect(await off()).toBeUndefined();
  });

  it('go to an executor by its label', async () => {
    const kernel = await startKernel();
    const one = kernel.app(() => 1);
    expect(await one.with({ executors: ['inline'] })()).toBe(1);
    const error = await rejection(one.with({ executors: ['nope'] })());
    expect(error).toMatchObject({ code: 'PARSL_CONFIGURATION' });
    expect(error).toHaveProperty('message', "there is no executor 'nope'; the kernel has 'inline'");
  });
});

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
    const joined = kernel.joinApp(() => [broken('one'), slow(), broken('two')])();
    await sleep(5);
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

describe('retries', () => {
  it('try until it works', async () => {
    const kernel = await startKernel({ retries: 3 });
    let tries = 0;
    const flaky = kernel.app(() => {
      tries++;
      return tries < 4 ? fail() : tries;
    });
    expect(await flaky()).toBe(4);
  });

  it('do not apply to failed dependencies', async () => {
    const costs: unknown[] = [];
    const kernel = await startKernel({
      retries: 3,
      retryHandler: (_error, task) => {
        costs.push([task.taskId, task.name]);
        return 4;
      },
    });
    const broken = kernel.app(() => fail(), { name: 'broken' });
    await rejection(kernel.app((x: number) => x)(broken()));
    expect(costs).toEqual([[0, 'broken']]);
  });
});

describe('cancelling', () => {
  it('keeps a waiting task from running, and fails what depends on it', async () => {
    const kernel = await startKernel();
    let ran = false;
    const { opened, open } = gate();
    const waiting = kernel.app((...[_gate]: [undefined]) => {
      ran = true;
    });
    const first = waiting(opened.then(() => undefined));
    const second = kernel.app((x: unknown) => x)(first);
    expect(first.cancel('enough')).toBe(true);
    expect(first.cancel('again')).toBe(false);
    expect(first.state).toBe('cancelled');
    expect(await rejection(first)).toBeInstanceOf(TaskCancelledError);
    expect(await rejection(first)).toMatchObject({ cause: 'enough', taskId: 0 });
    expect(await rejection(second)).toMatchObject({ code: 'PARSL_DEPENDENCY', root: { taskId: 0 } });
    open();
    await kernel.waitForCurrentTasks();
    expect(ran).toBe(false);
  });

  it('keeps a queued task from running', async () => {
    const kernel = await startKernel();
    let ran = false;
    const task = kernel.app(() => {
      ran = true;
    })();
    expect(task.state).toBe('launched');
    task.cancel();
    expect(await rejection(task)).toBeInstanceOf(TaskCancelledError);
    await sleep(1);
    expect(ran).toBe(false);
  });

  it('aborts the signal of a running task', async () => {
    const kernel = await startKernel({ retries: 5 });
    const { opened, open } = gate();
    let reason: unknown;
    const task = kernel.app(
      async (ctx?: { signal: AbortSignal }) => {
        open();
        await new Promise((_, reject) => {
          ctx?.signal.addEventListener('abort', () => {
            reason = ctx.signal.reason;
            reject(new Error('stopped'));
          });
        });
      },
      { context: true },
    )();
    await opened;
    task.cancel('enough');
    expect(await rejection(task)).toMatchObject({ code: 'PARSL_TASK_CANCELLED', cause: 'enough' });
    expect(reason).toBeInstanceOf(TaskCancelledError);
  });

  it('of a derived future gives up its task', async () => {
    const kernel = await startKernel();
    const task = kernel.app(() => ({ a: 1 }))();
    const part = task.get('a');
    expect(part.cancel()).toBe(true);
    expect(await rejection(part)).toBeInstanceOf(TaskCancelledError);
    expect(task.state).toBe('cancelled');
  });

  it('of a join app gives up the futures that it waits for', async () => {
    const kernel = await startKernel();
    const inner = kernel.app(() => new Promise<number>(() => undefined));
    let returned: AppFuture<number> | undefined;
    const joined = kernel.joinApp(() => (returned = inner()))();
    await expect.poll(() => joined.state).toBe('joining');
    joined.cancel('enough');
    expect(await rejection(joined)).toBeInstanceOf(TaskCancelledError);
    expect(returned?.state).toBe('cancelled');
  });

  it('can be left to an AbortSignal, which many tasks may share', async () => {
    const kernel = await startKernel();
    const controller = new AbortController();
    const forever = kernel
      .app(() => new Promise<number>(() => undefined))
      .with({ signal: controller.signal });
    const done = await kernel.app(() => 1).with({ signal: controller.signal })();
    const tasks = Array.from({ length: 100 }, () => forever());
    await sleep(1);
    controller.abort('enough');
    for (const task of tasks) {
      expect(await rejection(task)).toMatchObject({ code: 'PARSL_TASK_CANCELLED', cause: 'enough' });
    }
    expect(done).toBe(1);
    expect(await rejection(forever())).toMatchObject({ cause: 'enough' });
  });
});

describe('events', () => {
  it('tell each change before the future does', async () => {
    const kernel = await startKernel({ retries: 1 });
    const seen: unknown[] = [];
    const stop = kernel.on(({ task, from, to, outcome }) => seen.push([task.taskId, from, to, outcome]));
    let tries = 0;
    const error = new Error('boom');
    const flaky = kernel.app(() => {
      tries++;
      if (tries === 1) throw error;
      return 7;
    });
    await flaky();
    stop();
    await flaky();
    expect(seen).toEqual([
      [0, undefined, 'pending', undefined],
      [0, 'pending', 'launched', undefined],
      [0, 'launched', 'running', undefined],
      [0, 'running', 'fail_retryable', error],
      [0, 'fail_retryable', 'pending', undefined],
      [0, 'pending', 'launched', undefined],
      [0, 'launched', 'running', undefined],
      [0, 'running', 'exec_done', 7],
    ]);
  });

  it('tell what a task waits for and where it runs', async () => {
    const kernel = await startKernel();
    const seen: unknown[] = [];
    kernel.on(({ task, to }) => seen.push([to, task.dependencies(), task.executor, task.place?.worker]));
    const id = kernel.app((x: number) => x);
    await id(id(1));
    expect(seen).toContainEqual(['pending', [0], undefined, undefined]);
    expect(seen).toContainEqual(['exec_done', [], 'inline', 'inline']);
  });

  it('survive a listener that throws', async () => {
    const kernel = await startKernel();
    kernel.on(() => fail());
    expect(await kernel.app(() => 1)()).toBe(1);
  });
});

describe('waitForCurrentTasks', () => {
  it('waits for the tasks of now, whatever comes later', async () => {
    const kernel = await startKernel();
    const { opened, open } = gate();
    const wait = kernel.app(() => opened);
    const broken = kernel.app(() => fail());
    wait();
    broken();
    let over = false;
    const waiting = kernel.waitForCurrentTasks().then(() => {
      over = true;
    });
    kernel.app(() => new Promise(() => undefined))();
    await sleep(5);
    expect(over).toBe(false);
    open();
    await waiting;
    expect(kernel.outstanding).toBe(1);
  });
});
