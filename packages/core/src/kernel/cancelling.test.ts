import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TaskCancelledError } from '../errors.js';
import type { AppFuture } from '../futures/app-future.js';
import { gate, rejection, testKit } from '../testing/test-kit.js';

const { startKernel } = testKit(onTestFinished);

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
