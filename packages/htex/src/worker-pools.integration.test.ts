import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HandStartedPool } from '@parsl-ts-internal/other-hosts';
import { ManagerLost, WorkerLost } from '@parsl-ts/wire';
import { describe, expect, test } from 'vitest';

import type { HighThroughputExecutorOptions } from './htex-options.js';
import type { HighThroughputExecutor } from './high-throughput-executor.js';
import { unlessTheMachineStops } from './testing/machine-stops.js';
import { NarrowLine } from './testing/narrow-line.js';
import { useRunDirectory } from './testing/run-directory.js';
import { poolsWhere, startExecutor } from './testing/started-executor.js';
import { TestTask, testFunction } from './testing/test-tasks.js';

const run = useRunDirectory();
const TWO_WORKERS = { coresPerWorker: 0.1, maxWorkersPerNode: 2 };
const ONE_WORKER = { coresPerWorker: 0.1, maxWorkersPerNode: 1 };

const noop = testFunction('() => undefined');
const whoAmI = testFunction('() => ({ worker: process.pid, manager: process.ppid })');
/** Ends when there is a file. */
const untilFile = testFunction(`async (file) => {
  const { existsSync } = process.getBuiltinModule('node:fs');
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
  return 'done';
}`);
/** Occupies its worker's event loop for `ms`. */
const spin = testFunction('(ms) => { const end = Date.now() + ms; while (Date.now() < end); return ms; }');

/** An executor with `pools` pools that are ready. */
async function withPools(options: HighThroughputExecutorOptions, pools = 1) {
  const started = await startExecutor(run.path, options);
  const { htex } = started;
  const list = Array.from({ length: pools }, (_, index) => {
    return new HandStartedPool(htex.workerPoolCommand({ blockId: `b${index}` }));
  });
  await Promise.race([
    poolsWhere(() => htex.connectedManagers().length === pools),
    ...list.map(async (pool) => {
      await pool.exited;
      throw new Error(`a pool ended: ${pool.output}`);
    }),
  ]);
  const end = async () => {
    await htex.close();
    await Promise.all(list.map((pool) => pool[Symbol.asyncDispose]()));
  };
  return { htex, pools: list, [Symbol.asyncDispose]: end };
}

function submit(htex: HighThroughputExecutor, ...args: ConstructorParameters<typeof TestTask>): TestTask {
  const task = new TestTask(...args);
  htex.submit(task);
  return task;
}

const outcomes = (tasks: readonly TestTask[]) => Promise.all(tasks.map((task) => task.outcome));

test.each([true, false])(
  'ten thousand tasks each get their own result (encrypted: %s)',
  async (encrypted) => {
    await using started = await withPools({ ...TWO_WORKERS, encrypted });
    const twice = testFunction('(n) => ({ n, twice: n * 2 })');
    const tasks = Array.from({ length: 10_000 }, (_, n) => submit(started.htex, twice, [n]));
    const results = await outcomes(tasks);
    expect(results).toEqual(Array.from({ length: 10_000 }, (_, n) => ({ n, twice: n * 2 })));
    expect(started.htex.outstanding).toBe(0);
  },
);

test('a pool may have more tasks at once than a message', async () => {
  const started = await startExecutor(run.path, { ...ONE_WORKER, prefetchCapacity: 100_000 });
  const { htex } = started;
  // All of them wait when the first pool comes, which may have them all: it gives most of them back for the second.
  const tasks = Array.from({ length: 80_000 }, () => submit(htex, noop));
  const pools = ['first', 'second'].map(
    (blockId) => new HandStartedPool(htex.workerPoolCommand({ blockId })),
  );
  try {
    expect(await outcomes(tasks)).toHaveLength(80_000);
  } finally {
    await htex.close();
    await Promise.all(pools.map((pool) => pool[Symbol.asyncDispose]()));
  }
});

test('urgent tasks overtake', async () => {
  await using started = await withPools({ ...ONE_WORKER, prefetchCapacity: 0 });
  const { htex } = started;
  const order: unknown[] = [];
  const echo = testFunction('(x) => x');
  const first = submit(htex, spin, [300]);
  const tasks = [undefined, 5, 1, 5, -1].map((priority, index) =>
    submit(htex, echo, [index], priority === undefined ? {} : { priority }),
  );
  for (const task of tasks) void task.outcome.then((value) => order.push(value));
  await outcomes([first, ...tasks]);
  expect(order).toEqual([4, 2, 1, 3, 0]);
});

test('10 MB each way', async () => {
  await using started = await withPools(TWO_WORKERS);
  const reverse = testFunction('(bytes) => Buffer.from(bytes).reverse()');
  const bytes = randomBytes(10_000_000);
  const back = await submit(started.htex, reverse, [bytes]).outcome;
  expect(Buffer.isBuffer(back) && back.equals(Buffer.from(bytes).reverse())).toBe(true);
});

test('large payloads do not hold back signs of life', async () => {
  const THRESHOLD_MS = 5000;
  const echo = testFunction('(bytes) => bytes');
  const bytes = Buffer.alloc(3_000_000);
  // One takes much less than the threshold, also on a busy machine, and all together take longer, each way.
  const rates = { there: 8000, back: 8000 };
  await unlessTheMachineStops(THRESHOLD_MS / 4, async () => {
    await using started = await startExecutor(run.path, {
      ...{ ...TWO_WORKERS, prefetchCapacity: 20 },
      ...{ heartbeatPeriodMs: 200, heartbeatThresholdMs: THRESHOLD_MS },
    });
    const { htex } = started;
    const command = htex.workerPoolCommand();
    const [, port = ''] = /tcp:[^ ,]+:(\d+)/.exec(command) ?? [];
    await using line = await NarrowLine.to(Number(port), rates);
    await using pool = new HandStartedPool(command.replace(`:${port}`, `:${String(line.port)}`));
    const tasks = Array.from({ length: 20 }, () => submit(htex, echo, [bytes]));
    // A pool that was taken for lost would fail what it held, and one that takes the run for lost ends.
    const ended = pool.exited.then(() => Promise.reject(new Error(`the pool ended: ${pool.output}`)));
    const echoed = await Promise.race([outcomes(tasks), ended]);
    expect(echoed.map((each) => bytes.equals(each as Buffer))).toEqual(tasks.map(() => true));
    await htex.close();
  });
});

test('arguments beyond the bound fail their own task, and are taken again when others have ended', async () => {
  await using started = await withPools({ ...ONE_WORKER, maxOutstandingBytes: 1_000_000 });
  const { htex } = started;
  const length = testFunction('(bytes) => bytes.length');
  const bytes = Buffer.alloc(600_000);
  const [first, second] = [submit(htex, length, [bytes]), submit(htex, length, [bytes])];
  await expect(second.outcome).rejects.toMatchObject({
    code: 'PARSL_TOO_MANY_TASKS',
    option: 'maxOutstandingBytes',
  });
  expect(await first.outcome).toBe(600_000);
  expect(htex.outstandingBytes).toBe(0);
  expect(await submit(htex, length, [bytes]).outcome).toBe(600_000);
  expect(await submit(htex, length, [Buffer.alloc(2_000_000)]).outcome).toBe(2_000_000);
});

test('many small arguments count for the bound as few large ones do', async () => {
  await using started = await startExecutor(run.path, { maxOutstandingBytes: 100_000 });
  const { htex } = started;
  const length = testFunction('(bytes) => bytes.length');
  const tasks = Array.from({ length: 5 }, () => submit(htex, length, [Buffer.alloc(30_000)]));
  expect(htex.outstanding).toBe(3);
  for (const task of tasks.slice(3)) {
    await expect(task.outcome).rejects.toMatchObject({ option: 'maxOutstandingBytes' });
  }
  expect(htex.outstandingBytes).toBeGreaterThan(90_000);
  expect(htex.outstandingBytes).toBeLessThan(91_000);
  htex.cancel(tasks[0]!, new Error('no need'));
  await expect(tasks[0]!.outcome).rejects.toThrow('no need');
  submit(htex, length, [Buffer.alloc(30_000)]);
  expect(htex.outstanding).toBe(3);
  submit(htex, noop);
  expect(htex.outstandingBytes).toBeLessThan(91_000);
});

describe('deaths', () => {
  test.each([
    ['process.exit()', '() => process.exit(7)', { exitCode: 7, signal: null }],
    ['a signal', "() => process.kill(process.pid, 'SIGKILL')", { exitCode: null, signal: 'SIGKILL' }],
  ])('%s costs its own task only', async (_what, source, end) => {
    await using started = await withPools(TWO_WORKERS);
    const { htex } = started;
    const before = Array.from({ length: 50 }, () => submit(htex, noop));
    const killer = submit(htex, testFunction(source));
    const after = Array.from({ length: 50 }, () => submit(htex, noop));
    await expect(killer.outcome).rejects.toBeInstanceOf(WorkerLost);
    await expect(killer.outcome).rejects.toMatchObject(end);
    await outcomes([...before, ...after]);
    const pids = new Set<unknown>();
    while (pids.size < 2) {
      for (const found of await outcomes([submit(htex, whoAmI), submit(htex, whoAmI)])) {
        pids.add(Reflect.get(found as object, 'worker'));
      }
    }
    expect(htex.connectedManagers()).toHaveLength(1);
  });

  test('a pool that is killed loses what it held, and its workers; others go on', async () => {
    await using started = await withPools({ ...TWO_WORKERS, prefetchCapacity: 0 }, 2);
    const { htex, pools } = started;
    const file = join(run.path, 'go');
    const tasks = Array.from({ length: 4 }, () => submit(htex, untilFile, [file]));
    let failures = 0;
    for (const task of tasks) task.outcome.catch(() => failures++);
    await Promise.all(tasks.map((task) => task.place));
    const killedAt = performance.now();
    pools[0]!.child.kill('SIGKILL');
    await poolsWhere(() => failures === 2);
    expect(performance.now() - killedAt).toBeLessThan(60_000);
    writeFileSync(file, '');
    const ends = await Promise.allSettled(tasks.map((task) => task.outcome));
    const lost = ends.filter((end) => end.status === 'rejected');
    expect(lost).toHaveLength(2);
    for (const { reason } of lost) {
      expect(reason).toBeInstanceOf(ManagerLost);
      expect(reason).toMatchObject({ code: 'PARSL_MANAGER_LOST', blockId: 'b0' });
    }
    await outcomes(Array.from({ length: 20 }, () => submit(htex, noop)));
    expect(htex.connectedBlocks()).toEqual(['b1']);
  });
});

describe('stopping tasks', () => {
  test('one that waits is dropped, one that runs is stopped, one that does not listen is killed', async () => {
    await using started = await withPools({ ...TWO_WORKERS, prefetchCapacity: 0 });
    const { htex } = started;
    const patient = testFunction(
      "(ctx) => new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))",
      0,
    );
    const running = [submit(htex, patient), submit(htex, spin, [60_000])];
    await Promise.all(running.map((task) => task.place));
    const waiting = submit(htex, noop);
    const reasons = [...running, waiting].map((task, index) => {
      const reason = new Error(`reason ${index}`);
      htex.cancel(task, reason);
      return reason;
    });
    const ends = await Promise.allSettled([...running, waiting].map((task) => task.outcome));
    expect(ends).toEqual(reasons.map((reason) => ({ status: 'rejected', reason })));
    await outcomes([submit(htex, noop), submit(htex, noop)]);
  });

  test('timeoutMs, although the function never yields', async () => {
    await using started = await withPools(TWO_WORKERS);
    const { htex } = started;
    const tasks = [
      submit(htex, spin, [60_000], { timeoutMs: 200 }),
      submit(htex, spin, [50], { timeoutMs: 30_000 }),
    ];
    await expect(tasks[0]!.outcome).rejects.toMatchObject({ code: 'PARSL_APP_TIMEOUT', timeoutMs: 200 });
    await expect(tasks[1]!.outcome).resolves.toBe(50);
  });
});

describe('a long task does not hold back short ones', () => {
  /** Short ones that are held back wait for so long, in ms. */
  const LONG_MS = 60_000;
  /** Occupies its worker's event loop until there is a file, unless it is to be short. */
  const block = testFunction(`(file) => {
    const { existsSync } = process.getBuiltinModule('node:fs');
    const clock = new Int32Array(new SharedArrayBuffer(4));
    while (file !== '' && !existsSync(file)) Atomics.wait(clock, 0, 0, 5);
  }`);

  /** Runs 100 short tasks beside a long one, all of the same function; tells whether the long one ended last. */
  async function longEndsLast(htex: HighThroughputExecutor): Promise<boolean> {
    const file = join(run.path, 'go');
    const late = setTimeout(() => writeFileSync(file, ''), LONG_MS);
    let longEnded = false;
    const long = submit(htex, block, [file]);
    void long.outcome.then(() => (longEnded = true));
    const short = Array.from({ length: 100 }, () => submit(htex, block, ['']));
    await outcomes(short);
    const last = !longEnded;
    clearTimeout(late);
    writeFileSync(file, '');
    await long.outcome;
    return last;
  }

  test('of a function that nothing is known about', async () => {
    await using started = await withPools(TWO_WORKERS);
    await expect(longEndsLast(started.htex)).resolves.toBe(true);
  });

  test('of a function that was always short', async () => {
    await using started = await withPools(TWO_WORKERS);
    await outcomes(Array.from({ length: 2000 }, () => submit(started.htex, block, [''])));
    await expect(longEndsLast(started.htex)).resolves.toBe(true);
  });

  test('although they are in stock at another pool', async () => {
    await using started = await withPools({ ...ONE_WORKER, prefetchCapacity: 100 }, 2);
    await expect(longEndsLast(started.htex)).resolves.toBe(true);
  });
});

test('what a task prints goes where it was told to', async () => {
  await using started = await withPools(TWO_WORKERS);
  const [stdout, stderr] = [join(run.path, 'task.out'), join(run.path, 'task.err')];
  const talk = testFunction("(x) => { console.log('out', x); console.error('err', x); return x; }");
  await outcomes([submit(started.htex, talk, [1], { stdout, stderr })]);
  expect(readFileSync(stdout, 'utf8')).toBe('out 1\n');
  expect(readFileSync(stderr, 'utf8')).toBe('err 1\n');
});

test('a pool drains: it finishes what it runs, takes no more and ends', async () => {
  await using started = await startExecutor(run.path, { ...ONE_WORKER, drainPeriodMs: 1000 });
  const { htex } = started;
  const lineWith = (periodMs: number) =>
    htex.workerPoolCommand().replace(/(?<=--drain-period-ms )1000\b/, String(periodMs));
  const file = join(run.path, 'go');
  const running = submit(htex, untilFile, [file]);
  // The period begins before the worker is ready, and may be over by then: the next pool has a longer one.
  const hasStarted = running.place.then(() => true);
  for (let periodMs = 1000; periodMs < 60_000; periodMs *= 3) {
    await using pool = new HandStartedPool(lineWith(periodMs));
    if (!(await Promise.race([hasStarted, pool.exited.then(() => false)]))) continue;
    await poolsWhere(() => htex.connectedManagers()[0]?.draining === true);
    expect(htex.capacity).toBe(1);
    const late = submit(htex, whoAmI);
    await using next = new HandStartedPool(lineWith(3_600_000));
    await expect(late.outcome).resolves.toMatchObject({ manager: next.child.pid });
    writeFileSync(file, '');
    await expect(running.outcome).resolves.toBe('done');
    await expect(pool.exited).resolves.toEqual({ code: 0, signal: null });
    return;
  }
  throw new Error('no pool has started a task before it drained');
});

test('errors come back as they were thrown, on the lines of the source', async () => {
  await using started = await withPools(TWO_WORKERS);
  const thrower = testFunction(
    "() => { throw Object.assign(new RangeError('no good', { cause: new Error('deeper') }), { detail: 42 }); }",
  );
  const { outcome } = submit(started.htex, thrower);
  await expect(outcome).rejects.toBeInstanceOf(RangeError);
  await expect(outcome).rejects.toMatchObject({
    ...{ message: 'no good', detail: 42, cause: { message: 'deeper' } },
    stack: expect.stringContaining('source.ts:1:') as string,
  });
});

test('a pool with keys of another run says so and harms nobody', async () => {
  await using started = await withPools(TWO_WORKERS);
  const { htex } = started;
  await using other = await startExecutor(run.path, { label: 'other' });
  const line = htex.workerPoolCommand({
    keyFile: /--key-file ([^ ]+)/.exec(other.htex.workerPoolCommand())![1]!,
  });
  await using stranger = new HandStartedPool(line);
  await expect(stranger.exited).resolves.toMatchObject({ code: 4 });
  expect(stranger.output).toMatch(/key/);
  await outcomes([submit(htex, noop)]);
  expect(htex.connectedManagers()).toHaveLength(1);
});
