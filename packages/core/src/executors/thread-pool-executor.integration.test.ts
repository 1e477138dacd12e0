import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type * as promiseLike from '../futures/promise-like.js';
import type { DataFlowKernel } from '../kernel/data-flow-kernel.js';
import { rejection, testKit } from '../testing/test-kit.js';
import { ThreadPoolExecutor } from './thread-pool-executor.js';

const { startKernel, temporaryDirectory } = testKit(onTestFinished);

async function startThreads(maxThreads = 2, retries = 0): Promise<DataFlowKernel> {
  return startKernel({ executors: [new ThreadPoolExecutor({ maxThreads })], retries });
}

class Temperature {
  readonly degrees: number;

  constructor(degrees: number) {
    this.degrees = degrees;
  }
}

class OwnError extends Error {
  readonly detail = { depth: 5 };
}

/** Uses what stands beside it, and an import. */
function describeError(): never {
  throw new OwnError(`cannot join ${join('a', 'b')}`, { cause: new TypeError('inner') });
}

describe('ThreadPoolExecutor', () => {
  it('runs functions in threads, with what they use of their module', async () => {
    const kernel = await startThreads();
    const where = kernel.app(async () => (await import('node:worker_threads')).isMainThread);
    expect(await where()).toBe(false);
    const error = await rejection(kernel.app(describeError)());
    expect(error).toMatchObject({
      message: 'cannot join a/b',
      detail: { depth: 5 },
      cause: { name: 'TypeError', message: 'inner' },
    });
    expect(error instanceof Error && error.stack).toContain('thread-pool-executor.integration.test.ts');
  });

  it('runs as many at once as it has threads', async () => {
    const kernel = await startThreads(3);
    // Each keeps its thread until three have begun.
    const meet = kernel.app(async (name: string, directory: string) => {
      const { readdirSync, writeFileSync } = await import('node:fs');
      const { threadId } = await import('node:worker_threads');
      writeFileSync(`${directory}/${name}`, '');
      const clock = new Int32Array(new SharedArrayBuffer(4));
      while (readdirSync(directory).length < 3) Atomics.wait(clock, 0, 0, 5);
      return threadId;
    });
    const directory = await temporaryDirectory();
    const threads = await Promise.all(['a', 'b', 'c'].map((name) => meet(name, directory)));
    expect(new Set(threads).size).toBe(3);
  });

  it('passes arguments and results of many kinds', async () => {
    const kernel = await startThreads();
    const echo = kernel.app((x: unknown) => x);
    const value = {
      map: new Map([[1, { a: new Set([2]) }]]),
      date: new Date(5),
      bytes: new Uint8Array([1, 2]),
      big: 5n,
      none: undefined,
    };
    expect(await echo(value)).toEqual(value);
  });

  it('names the place of what cannot be passed, and goes on', async () => {
    const kernel = await startThreads();
    const echo = kernel.app((x: unknown) => typeof x);
    expect(await rejection(echo({ rows: [1, { parse: () => 1 }] }))).toMatchObject({
      code: 'PARSL_SERIALIZATION',
      path: 'args[0].rows[1].parse',
    });
    expect(await rejection(echo([Symbol('s')]))).toMatchObject({ path: 'args[0][0]' });
    const error = await rejection(echo(new Temperature(5)));
    expect(error).toMatchObject({ code: 'PARSL_SERIALIZATION', path: 'args[0]' });
    expect(error).toHaveProperty('message', expect.stringContaining('Temperature'));
    const result = await rejection(kernel.app(() => ({ f: () => 1 }))());
    expect(result).toMatchObject({ code: 'PARSL_SERIALIZATION', path: 'the result.f' });
    expect(await echo(1)).toBe('number');
  });

  it('says why a function cannot be shipped', async () => {
    const kernel = await startThreads();
    const local = Math.random();
    const error = await rejection(kernel.app(() => local)());
    expect(error).toMatchObject({ code: 'PARSL_FUNCTION_NOT_SHIPPABLE' });
    expect(error).toHaveProperty('message', expect.stringContaining('local'));
  });

  it('packs a function anew that could not be written before', async () => {
    const kernel = await startThreads();
    const inTheWay = join(kernel.runDir, 'functions');
    await writeFile(inTheWay, '');
    const one = kernel.app(() => 1);
    expect(await rejection(one())).toMatchObject({ code: 'EEXIST' });
    await rm(inTheWay);
    expect(await one()).toBe(1);
  });

  it('loses only the thread in which a task exits or fails out of turn, and tries again', async () => {
    const kernel = await startThreads(2, 0);
    const exit = kernel.app(() => process.exit(3));
    const one = kernel.app(() => 1);
    const late = kernel.app(async () => {
      setTimeout(() => {
        throw new Error('out of turn');
      }, 1);
      await new Promise(() => undefined);
    });
    const [exited, thrown, ...others] = await Promise.allSettled([
      exit(),
      late(),
      ...Array.from({ length: 20 }, () => one()),
    ]);
    expect(exited).toMatchObject({ reason: { code: 'PARSL_WORKER_LOST', exitCode: 3 } });
    expect(thrown).toMatchObject({
      reason: { code: 'PARSL_WORKER_LOST', cause: { message: 'out of turn' } },
    });
    expect(others.every((each) => each.status === 'fulfilled')).toBe(true);
    const stubborn = await rejection(exit.with({ retries: 100 })());
    expect(stubborn).toMatchObject({ code: 'PARSL_REPEATED_WORKER_LOSS', deaths: { length: 3 } });
  });

  it('stops by force what runs out of time, and counts from the start of the function', async () => {
    const kernel = await startThreads(1);
    const spin = kernel.app((ms: number) => {
      const end = Date.now() + ms;
      while (Date.now() < end);
      return 'done';
    });
    const limited = spin.with({ timeoutMs: 2000 });
    // The second waits for the first, which is not to count.
    const [first, second, third] = await Promise.allSettled([limited(60_000), limited(1), spin(1)]);
    expect(first).toMatchObject({ reason: { code: 'PARSL_APP_TIMEOUT', timeoutMs: 2000 } });
    expect(second).toMatchObject({ value: 'done' });
    expect(third).toMatchObject({ value: 'done' });
  });

  it('stops by force what is cancelled, and asks first what has a context', async () => {
    const kernel = await startThreads(1);
    const forever = kernel.app(() => {
      for (;;);
    })();
    await expect.poll(() => forever.state).toBe('running');
    forever.cancel('enough');
    expect(await rejection(forever)).toMatchObject({ code: 'PARSL_TASK_CANCELLED', cause: 'enough' });
    const polite = kernel.app(
      async (file: string, ctx?: { signal: AbortSignal; worker: string }) => {
        const { appendFileSync } = await import('node:fs');
        appendFileSync(file, 'started\n');
        await new Promise((resolve) => ctx?.signal.addEventListener('abort', resolve));
        appendFileSync(file, `stopped: ${String(ctx?.signal.reason)}\n`);
      },
      { context: true },
    );
    // One that does not get its turn for half a second is stopped by force as well.
    await expect
      .poll(async () => {
        const path = join(await temporaryDirectory(), 'log.txt');
        const task = polite(path);
        await expect.poll(() => readFile(path, 'utf8').catch(() => '')).toContain('started');
        task.cancel('enough');
        expect(await rejection(task)).toMatchObject({ code: 'PARSL_TASK_CANCELLED' });
        return readFile(path, 'utf8');
      })
      .toMatch(/^started\nstopped: Error: task \d+ /);
    expect(await kernel.app(() => 1)()).toBe(1);
  });

  it('captures what a task writes, and only that', async () => {
    const kernel = await startThreads(1);
    const directory = await temporaryDirectory();
    const speak = kernel.app((text: string) => {
      console.log(text);
      console.error(`${text}!`);
    });
    const stdout = join(directory, 'sub', 'out.txt');
    const future = speak.with({ stdout, stderr: join(directory, 'err.txt') })('one');
    expect(future.stdout).toBe(stdout);
    await future;
    await speak.with({ stdout })('two');
    expect(await readFile(stdout, 'utf8')).toBe('one\ntwo\n');
    expect(await readFile(join(directory, 'err.txt'), 'utf8')).toBe('one!\n');
    expect(await rejection(speak.with({ stdout: directory })('three'))).toMatchObject({
      code: 'PARSL_OUTPUT_FILE',
      path: directory,
      cause: { code: 'EISDIR' },
    });
  });

  it('gives each task files of its own, if asked to', async () => {
    const kernel = await startThreads();
    const say = (text: string): void => {
      console.log(text);
      console.error(`${text}!`);
    };
    const speak = kernel.app(say, { stdout: 'auto', stderr: 'auto' });
    const futures = ['one', 'two'].map((text) => speak(text));
    await Promise.all(futures);
    expect(futures.map(({ stdout }) => stdout)).toEqual([
      join(kernel.runDir, 'task_logs', '0000', 'task_0000_say.stdout'),
      join(kernel.runDir, 'task_logs', '0000', 'task_0001_say.stdout'),
    ]);
    const written = futures.flatMap(({ stdout = '', stderr = '' }) => [stdout, stderr]);
    const texts = await Promise.all(written.map((path) => readFile(path, 'utf8')));
    expect(texts).toEqual(['one\n', 'one!\n', 'two\n', 'two!\n']);
  });

  it.skipIf(process.platform !== 'linux')(
    'fails a task at once whose output would be where the system makes no directories',
    async () => {
      const kernel = await startThreads(1);
      const stdout = '/proc/none/out.txt';
      const task = kernel.app(() => 1).with({ stdout })();
      expect(await rejection(task)).toMatchObject({ code: 'PARSL_OUTPUT_FILE', path: stdout });
    },
  );

  it('keeps a thread whose task left a rejected promise behind, as the workers of HTEX do', async () => {
    const kernel = await startThreads(1);
    const careless = kernel.app(async () => {
      void Promise.reject(new Error('left behind'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      return 'done';
    });
    const stderr = join(await temporaryDirectory(), 'err.txt');
    expect(await careless.with({ stderr })()).toBe('done');
    expect(await readFile(stderr, 'utf8')).toContain('left behind');
  });

  it('runs what a module exports, without loading it here', async () => {
    const kernel = await startThreads();
    const url = new URL('../futures/promise-like.js', import.meta.url);
    const isPromise = kernel.appFrom<typeof promiseLike>(url, 'isPromiseLike');
    expect(await isPromise(5)).toBe(false);
  });

  it('ends its threads when it is closed, also one that never yields', async () => {
    const kernel = await startThreads(1);
    const forever = kernel.app(() => {
      for (;;);
    })();
    await expect.poll(() => forever.state).toBe('running');
    const closing = kernel.close();
    expect(await rejection(forever)).toMatchObject({ code: 'PARSL_KERNEL_CLOSED' });
    await closing;
  });
});
