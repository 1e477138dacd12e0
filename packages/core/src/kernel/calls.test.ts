import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { app, appFrom } from '../apps/app.js';
import { gate, rejection, testKit } from '../testing/test-kit.js';

const { startKernel } = testKit(onTestFinished);

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

  it('of functions without a name are named by the place where their app was made', async () => {
    const kernel = await startKernel();
    const place = expect.stringMatching(/^anonymous at calls\.test\.ts:\d+$/);
    expect(kernel.app(() => 1)().name).toEqual(place);
    expect(kernel.joinApp(() => kernel.app(() => 1)())().name).toEqual(place);
    expect(app(() => 1).name).toEqual(place);
    expect(kernel.app(fail).name).toBe('fail');
    expect(kernel.app(() => 1, { name: 'one' }).name).toBe('one');
  });

  it('refuse what cannot be an app when it is made', async () => {
    const kernel = await startKernel();
    const from =
      (...args: unknown[]) =>
      () =>
        Reflect.apply(appFrom, undefined, args);
    expect(from()).toThrow('appFrom() takes a module');
    expect(from('./tasks.js', 'x')).toThrow("not './tasks.js'; write new URL('./tasks.js', import.meta.url)");
    expect(from('file:///tasks.js')).toThrow('name of an exported function');
    expect(() => kernel.app(() => 1, { executors: [] })).toThrow(
      "option 'executors' of app() must be 'all', or an array of labels that is not empty, not []",
    );
    expect(() => kernel.app(() => 1, { context: true })).toThrow("option 'context' of app()");
  });
});
