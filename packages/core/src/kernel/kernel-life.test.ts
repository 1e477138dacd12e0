import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionProvider } from '@parsl-ts/provider';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { app, joinApp } from '../apps/app.js';
import { KernelClosedError, NoDataFlowKernelError } from '../errors.js';
import type { BlockScaling, Executor, ExecutorContext, ExecutorTask } from '../executor.js';
import { InlineExecutor } from '../executors/inline-executor.js';
import { rejection, testKit } from '../testing/test-kit.js';
import { DataFlowKernel } from './data-flow-kernel.js';
import { load, waitForCurrentTasks } from './default-kernel.js';
import type { KernelConfig } from './kernel-config.js';

const { startKernel, temporaryDirectory } = testKit(onTestFinished);

/** Keeps its tasks until the test says what becomes of them. */
class HeldExecutor implements Executor {
  readonly label: string;
  readonly capacity: number;
  readonly tasks: ExecutorTask[] = [];
  context: ExecutorContext | undefined;
  closed = 0;

  constructor(label: string, capacity = 1) {
    this.label = label;
    this.capacity = capacity;
  }

  get outstanding(): number {
    return this.tasks.length;
  }

  start(context: ExecutorContext): Promise<void> {
    this.context = context;
    return Promise.resolve();
  }

  submit(task: ExecutorTask): void {
    this.tasks.push(task);
  }

  cancel(task: ExecutorTask, reason: unknown): void {
    task.failed(reason);
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

async function inlineConfig(): Promise<KernelConfig> {
  return { executors: [new InlineExecutor()], logging: false, runDir: await temporaryDirectory() };
}

describe('load', () => {
  it('sets the kernel for apps that were made before', async () => {
    const add = app((a: number, b: number) => a + b);
    const twice = joinApp((x: number) => add(x, x));
    expect(() => add(1, 2)).toThrow(NoDataFlowKernelError);
    await expect(waitForCurrentTasks()).rejects.toThrow(NoDataFlowKernelError);
    const kernel = await load(await inlineConfig());
    expect(await twice(add(1, 2))).toBe(6);
    await waitForCurrentTasks();
    await kernel.close();
    expect(() => add(1, 2)).toThrow('call `await load(config)` before');
  });

  it('refuses a second kernel until the first is closed', async () => {
    const kernel = await load(await inlineConfig());
    await expect(load(await inlineConfig())).rejects.toThrow('load() was called before');
    await kernel.close();
    await (await load(await inlineConfig())).close();
  });

  it('says that it was not awaited', async () => {
    const loading = load(await inlineConfig());
    expect(() => app(() => 1)()).toThrow('load() has not finished yet');
    await (await loading).close();
  });

  it('leaves nothing loaded when it fails', async () => {
    const failing = new HeldExecutor('failing');
    failing.start = () => Promise.reject(new Error('no network'));
    const other = new HeldExecutor('other');
    const config = { ...(await inlineConfig()), executors: [failing, other] };
    await expect(load(config)).rejects.toThrow('no network');
    expect(other.closed).toBe(1);
    await (await load(await inlineConfig())).close();
  });
});

describe('close', () => {
  it('fails what has not ended, and takes no more calls', async () => {
    const held = new HeldExecutor('held');
    const kernel = await startKernel({ executors: [held], retries: 3 });
    const one = kernel.app(() => 1);
    const running = one();
    const waiting = kernel.app((x: number) => x)(running);
    const closing = kernel.close();
    expect(await rejection(running)).toBeInstanceOf(KernelClosedError);
    expect(await rejection(waiting)).toMatchObject({ code: 'PARSL_KERNEL_CLOSED', taskId: 1 });
    expect(() => one()).toThrow('the kernel was closed');
    await closing;
    await kernel.close();
    expect(held.closed).toBe(1);
    held.tasks[0]?.succeeded(1);
    expect(running.state).toBe('cancelled');
  });

  it('closes everything although one executor cannot be closed', async () => {
    const broken = new HeldExecutor('broken');
    broken.close = () => {
      throw new Error('stuck');
    };
    const other = new HeldExecutor('other');
    const kernel = await DataFlowKernel.start({ ...(await inlineConfig()), executors: [broken, other] });
    await expect(kernel.close()).rejects.toMatchObject({ errors: [{ message: 'stuck' }] });
    expect(other.closed).toBe(1);
  });

  it('closes everything although somebody who is told of it throws', async () => {
    const held = new HeldExecutor('held');
    const kernel = await startKernel({ executors: [held], logging: 'error' });
    const told: string[] = [];
    kernel.onClose(() => {
      throw new Error('no');
    });
    kernel.onClose(() => told.push('the next'));
    const running = kernel.app(() => 1)();
    await kernel.close();
    expect(await rejection(running)).toBeInstanceOf(KernelClosedError);
    expect([held.closed, ...told]).toEqual([1, 'the next']);
    expect(await logLines(kernel.runDir)).toMatchObject([{ error: { message: 'no' } }]);
  });

  it('comes with the end of an `await using` block', async () => {
    const held = new HeldExecutor('held');
    const config = { ...(await inlineConfig()), executors: [held] };
    {
      await using kernel = await DataFlowKernel.start(config);
      kernel.app(() => 1)();
    }
    expect(held.closed).toBe(1);
  });

  it('waits for the tasks there with exitMode `wait`', async () => {
    const config = { ...(await inlineConfig()), exitMode: 'wait' } as const;
    const states: string[] = [];
    {
      await using kernel = await DataFlowKernel.start(config);
      kernel.on(({ to }) => states.push(to));
      kernel.app(async () => new Promise((resolve) => setTimeout(resolve, 10)))();
    }
    expect(states.at(-1)).toBe('exec_done');
  });
});

describe('several executors', () => {
  it('share the tasks by load', async () => {
    const [small, large] = [new HeldExecutor('small', 1), new HeldExecutor('large', 3)];
    const kernel = await startKernel({ executors: [small, large] });
    const one = kernel.app(() => 1);
    for (let n = 0; n < 40; n++) one();
    expect(small.outstanding).toBe(10);
    expect(large.outstanding).toBe(30);
    one.with({ executors: ['small'] })();
    expect(small.outstanding).toBe(11);
  });

  it('go on when one of them fails: its tasks fail or are tried elsewhere', async () => {
    const [first, second] = [new HeldExecutor('first'), new HeldExecutor('second')];
    const kernel = await startKernel({ executors: [first, second] });
    const one = kernel.app(() => 1).with({ executors: ['first'] });
    const lost = one();
    const retried = kernel.app(() => 2).with({ retries: 1 })();
    expect([first.outstanding, second.outstanding]).toEqual([1, 1]);
    second.context?.fatal(new Error('no blocks'));
    await vi.waitFor(() => {
      expect(first.outstanding).toBe(2);
    });
    first.tasks[1]?.succeeded(2);
    expect(await retried).toBe(2);
    first.context?.fatal(new Error('no blocks'));
    expect(await rejection(lost)).toMatchObject({
      code: 'PARSL_EXECUTOR_FAILED',
      executor: 'first',
      cause: { message: 'no blocks' },
    });
    expect(await rejection(one())).toMatchObject({ code: 'PARSL_EXECUTOR_FAILED' });
  });

  it('give their blocks back when they fail', async () => {
    const cancelled: string[] = [];
    const provider: ExecutionProvider = {
      ...{ label: 'p', nodesPerBlock: 1, node: {}, pollIntervalMs: 60_000 },
      blocks: { init: 1, min: 1, max: 1, parallelism: 1 },
      submit: () => Promise.resolve('7'),
      status: () => Promise.resolve(new Map()),
      cancel: (ids) => {
        cancelled.push(...ids);
        return Promise.resolve(new Map(ids.map((id) => [id, 'cancelled'])));
      },
    };
    const scaling: BlockScaling = {
      ...{ provider, workersPerNode: 1, blockErrorHandler: undefined },
      blockCommand: () => 'true',
      activity: () => new Map(),
      drainBlocks: () => Promise.resolve(),
      onActivity: () => () => undefined,
    };
    const held = Object.assign(new HeldExecutor('held'), { scaling });
    const kernel = await startKernel({ executors: [held] });
    held.context?.fatal(new Error('the interchange is lost'));
    await vi.waitFor(() => {
      expect(cancelled).toEqual(['7']);
    });
    expect(kernel.blocks('held')).toMatchObject([{ outcome: 'scaled-in' }]);
  });

  it('that refuse a task are asked again in later turns, as often as the retries allow', async () => {
    const refusing = new HeldExecutor('refusing');
    let refusals = 0;
    refusing.submit = (task) => {
      refusals++;
      task.failed(new Error('refused'));
    };
    const kernel = await startKernel({ executors: [refusing] });
    const one = kernel.app(() => 1);
    expect(await rejection(one.with({ retries: 3 })())).toMatchObject({ message: 'refused' });
    expect(refusals).toBe(4);
    const stubborn = one.with({ retries: 5000 })();
    expect(refusals).toBe(5);
    stubborn.cancel('enough');
    expect(await rejection(stubborn)).toMatchObject({ code: 'PARSL_TASK_CANCELLED' });
    expect(kernel.outstanding).toBe(0);
  });

  it('that fail may say how their tasks have ended, which others try again', async () => {
    const held = new HeldExecutor('held', Infinity);
    const kernel = await startKernel({ executors: [held, new InlineExecutor()] });
    const one = kernel.app(() => 1);
    const tasks = [one(), one.with({ retries: 1 })(), one.with({ executors: ['held'] })()] as const;
    const [first, second] = held.tasks.splice(0, 2);
    held.context?.fatal(new Error('the interchange is lost'));
    first?.failed(new Error('lost with it'));
    second?.failed(new Error('lost with it'));
    expect(await rejection(tasks[0])).toMatchObject({ message: 'lost with it' });
    expect(await tasks[1]).toBe(1);
    expect(await rejection(tasks[2])).toMatchObject({ code: 'PARSL_EXECUTOR_FAILED' });
  });

  it('are closed when they fail, once, with no more to hold a producer back', async () => {
    const held = Object.assign(new HeldExecutor('held'), { outstandingBytes: 1000 });
    const kernel = await startKernel({ executors: [held] });
    const lost = kernel.app(() => 1)();
    const room = kernel.room({ bytes: 1000 });
    held.context?.fatal(new Error('no blocks'));
    expect(await rejection(lost)).toMatchObject({ code: 'PARSL_EXECUTOR_FAILED' });
    await room;
    expect(held.closed).toBe(1);
    await kernel.close();
    expect(held.closed).toBe(1);
  });

  it('that fail and cannot be closed are in the log, and in what close() throws', async () => {
    const held = new HeldExecutor('held');
    held.close = () => {
      throw new Error('stuck');
    };
    const config = { ...(await inlineConfig()), executors: [held], logging: 'info' } as const;
    const kernel = await DataFlowKernel.start(config);
    held.context?.fatal(new Error('no blocks'));
    await expect(kernel.close()).rejects.toMatchObject({ errors: [{ message: 'stuck' }] });
    expect(await logLines(kernel.runDir)).toContainEqual(
      expect.objectContaining({
        ...{ executor: 'held', msg: 'the executor that has failed cannot be closed' },
        error: expect.objectContaining({ message: 'stuck' }) as unknown,
      }),
    );
  });

  it('have blocks under their own labels only', async () => {
    const kernel = await startKernel({ executors: [new HeldExecutor('left'), new HeldExecutor('right')] });
    expect(kernel.blocks('left')).toEqual([]);
    expect(() => kernel.blocks('rigth')).toThrow(
      "there is no executor 'rigth'; the kernel has 'left', 'right'",
    );
  });

  it('ignore what is said about an earlier try', async () => {
    const held = new HeldExecutor('held');
    const kernel = await startKernel({ executors: [held], retries: 1 });
    const task = kernel.app(() => 1)();
    const [first] = held.tasks;
    first?.failed(new Error('boom'));
    first?.failed(new Error('again'));
    first?.succeeded('late');
    expect(held.tasks).toHaveLength(2);
    expect(held.tasks[1]?.attempt).toBe(1);
    held.tasks[1]?.succeeded('right');
    held.tasks[1]?.succeeded('twice');
    expect(await task).toBe('right');
  });

  it('may throw in submit, against their contract', async () => {
    const held = new HeldExecutor('held');
    held.submit = () => {
      throw new Error('full');
    };
    const kernel = await startKernel({ executors: [held], retries: 2 });
    expect(await rejection(kernel.app(() => 1)())).toMatchObject({ message: 'full' });
  });
});

describe('the run directory', () => {
  it('has the next number, also when several start at once', async () => {
    const runDir = await temporaryDirectory();
    const kernels = await Promise.all(
      Array.from({ length: 8 }, () => startKernel({ runDir, executors: [new InlineExecutor()] })),
    );
    expect(new Set(kernels.map((kernel) => kernel.runDir)).size).toBe(8);
    expect((await readdir(runDir)).sort()).toEqual(['000', '001', '002', '003', '004', '005', '006', '007']);
    expect((await stat(join(runDir, '003', 'submit_scripts'))).mode & 0o777).toBe(0o700);
  });

  it('has a log of the life cycle, one JSON object a line', async () => {
    const kernel = await startKernel({ logging: 'info' });
    await kernel.app(() => 1)();
    await kernel.close();
    const lines = await logLines(kernel.runDir);
    expect(lines.map((line) => line['msg'])).toEqual(['run started', 'executor started', 'run ended']);
    expect(lines.at(-1)).toMatchObject({ tasks: { exec_done: 1 } });
  });

  it('has a log that steers no terminal', async () => {
    const kernel = await startKernel({ logging: 'debug' });
    await kernel.app(() => 1, { name: 'a\u009b31m\u202eb\n' })();
    await kernel.close();
    const text = await readFile(join(kernel.runDir, 'parsl.log'), 'utf8');
    expect(text).toContain(String.raw`"name":"a\u009b31m\u202eb\n"`);
    expect((await logLines(kernel.runDir)).at(-2)).toMatchObject({ name: 'a\u009b31m\u202eb\n' });
  });

  it('has a line for each change of a task at level debug', async () => {
    const kernel = await startKernel({ logging: 'debug' });
    await kernel.app(() => 1)();
    await kernel.close();
    const lines = (await logLines(kernel.runDir)).filter((line) => line['msg'] === 'task');
    expect(lines.map((line) => line['to'])).toEqual(['pending', 'launched', 'running', 'exec_done']);
  });

  it('may vanish while the run goes on', async () => {
    const kernel = await startKernel({ logging: 'info' });
    await rm(kernel.runDir, { recursive: true });
    expect(await kernel.app(() => 1)()).toBe(1);
    await kernel.close();
  });

  it('cannot be made where nothing may be written, and the executors are still to be had then', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    const executors = [new InlineExecutor()];
    await expect(startKernel({ executors, runDir: join(file, 'runs') })).rejects.toMatchObject({
      code: 'PARSL_CONFIGURATION',
      option: 'runDir',
    });
    expect(await (await startKernel({ executors })).app(() => 1)()).toBe(1);
  });

  it('is made beside others that are named by numbers too large to count on', async () => {
    const runDir = await temporaryDirectory();
    await mkdir(join(runDir, '99999999999999999999'));
    await mkdir(join(runDir, '100000000000000000000'));
    expect((await startKernel({ runDir })).runDir).toBe(join(runDir, '000'));
  });
});

async function logLines(runDir: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(runDir, 'parsl.log'), 'utf8');
  return text.trim().split('\n').map(parse);
}

function parse(line: string): Record<string, unknown> {
  const fields: unknown = JSON.parse(line);
  return Object(fields) as Record<string, unknown>;
}
