import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rejection, testKit } from '../testing/test-kit.js';
import { InlineExecutor } from './inline-executor.js';

const { startKernel } = testKit(onTestFinished);

describe('InlineExecutor', () => {
  it('does not run a function within the call', async () => {
    const kernel = await startKernel();
    let ran = false;
    const task = kernel.app(() => {
      ran = true;
    })();
    expect(ran).toBe(false);
    await task;
    expect(ran).toBe(true);
  });

  it('lets timers have their turn while there are many tasks', async () => {
    const kernel = await startKernel();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const spin = kernel.app(() => {
      const end = performance.now() + 0.05;
      while (performance.now() < end);
    });
    await Promise.all(Array.from({ length: 2000 }, () => spin()));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
  });

  it('runs no more async functions at once than it may', async () => {
    const kernel = await startKernel({ executors: [new InlineExecutor({ concurrency: 3 })] });
    let now = 0;
    let most = 0;
    const work = kernel.app(async () => {
      now++;
      most = Math.max(most, now);
      await sleep(1);
      now--;
    });
    await Promise.all(Array.from({ length: 20 }, () => work()));
    expect(most).toBe(3);
  });

  it('runs tasks by priority', async () => {
    const kernel = await startKernel();
    const order: string[] = [];
    const note = kernel.app((name: string) => {
      order.push(name);
    });
    note('plain');
    note.with({ priority: 5 })('five');
    note.with({ priority: 1 })('one');
    await kernel.waitForCurrentTasks();
    expect(order).toEqual(['one', 'five', 'plain']);
  });

  it('fails an async function that runs out of time, and tells it so', async () => {
    const kernel = await startKernel();
    let aborted: unknown;
    const slow = kernel.app(
      (ctx?: { signal: AbortSignal }) =>
        new Promise<void>(() => {
          ctx?.signal.addEventListener('abort', () => {
            aborted = ctx.signal.reason;
          });
        }),
      { context: true },
    );
    const error = await rejection(slow.with({ timeoutMs: 10 })());
    expect(error).toMatchObject({ code: 'PARSL_APP_TIMEOUT', timeoutMs: 10 });
    expect(aborted).toBe(error);
  });

  it('fails a function that blocked for longer than its time, and one that was quick not', async () => {
    const kernel = await startKernel();
    const spin = kernel.app((ms: number) => {
      const end = performance.now() + ms;
      while (performance.now() < end);
      return 'done';
    });
    expect(await rejection(spin.with({ timeoutMs: 5 })(15))).toMatchObject({ code: 'PARSL_APP_TIMEOUT' });
    expect(await spin.with({ timeoutMs: 5000 })(1)).toBe('done');
  });

  it('goes on after functions that cancel their own tasks', async () => {
    const executor = new InlineExecutor();
    const kernel = await startKernel({ executors: [executor] });
    const ways = {
      returns: () => 1,
      throws: () => {
        throw new Error('boom');
      },
      waits: () => new Promise<never>(() => undefined),
      rejects: () => Promise.reject(new Error('late')),
    };
    for (const end of Object.values(ways)) {
      const controller = new AbortController();
      const task = kernel
        .app(() => {
          controller.abort('enough');
          return end();
        })
        .with({ signal: controller.signal })();
      expect(await rejection(task)).toMatchObject({ code: 'PARSL_TASK_CANCELLED', cause: 'enough' });
      expect(await kernel.app(() => 'the next')()).toBe('the next');
    }
    expect(executor.outstanding).toBe(0);
  });

  it('goes on after join apps that cancel their own tasks', async () => {
    const kernel = await startKernel();
    const one = kernel.app(() => 1);
    const controller = new AbortController();
    const joined = kernel
      .joinApp(() => {
        controller.abort('enough');
        return one();
      })
      .with({ signal: controller.signal })();
    expect(await rejection(joined)).toMatchObject({ code: 'PARSL_TASK_CANCELLED', cause: 'enough' });
    expect(await kernel.joinApp(() => one())()).toBe(1);
  });

  it.each(['running', 'fail_retryable'])(
    'goes on after a listener cancelled a task at `%s`',
    async (state) => {
      const executor = new InlineExecutor();
      const kernel = await startKernel({ executors: [executor], retries: 1 });
      const broken = kernel.app(() => {
        throw new Error('boom');
      });
      const task = broken();
      const stopListening = kernel.on(({ to }) => {
        if (to === state) {
          task.cancel('enough');
        }
      });
      expect(await rejection(task)).toMatchObject({ code: 'PARSL_TASK_CANCELLED', cause: 'enough' });
      stopListening();
      expect(await kernel.app(() => 'the next')()).toBe('the next');
      expect(executor.outstanding).toBe(0);
    },
  );

  it.each([
    [
      'whose `then` cannot be read',
      {
        get then(): never {
          throw new Error('no');
        },
      },
    ],
    [
      'that cannot be waited for',
      {
        then: () => {
          throw new Error('no');
        },
      },
    ],
  ])('fails the one task that returns something %s', async (_what, result) => {
    const executor = new InlineExecutor();
    const kernel = await startKernel({ executors: [executor] });
    const give = kernel.app(() => result);
    const [plain, limited] = [give(), give.with({ timeoutMs: 1000 })()];
    expect(await kernel.app(() => 'the next')()).toBe('the next');
    expect(await rejection(plain)).toMatchObject({ message: 'no' });
    expect(await rejection(limited)).toMatchObject({ message: 'no' });
    expect(executor.outstanding).toBe(0);
  });

  it('cannot capture output, and says so', async () => {
    const kernel = await startKernel();
    const error = await rejection(kernel.app(() => 1).with({ stdout: 'out.txt' })());
    expect(error).toMatchObject({ code: 'PARSL_UNSUPPORTED_OPTION', option: 'stdout' });
  });

  it('runs what a module exports', async () => {
    const kernel = await startKernel();
    const url = new URL('../graph/fifo.ts', import.meta.url);
    const app = kernel.appFrom<(...args: number[]) => unknown>(url, 'Fifo');
    expect(await rejection(app())).toMatchObject({ message: expect.stringContaining("without 'new'") });
    const missing = kernel.appFrom<() => unknown>(url, 'nope');
    expect(await rejection(missing())).toMatchObject({ code: 'PARSL_FUNCTION_NOT_SHIPPABLE' });
  });
});
