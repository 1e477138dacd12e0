import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerLost } from '@parsl-ts/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, PoolBench, processes } from '../testing/pool-bench.js';

const bench = PoolBench.use();

async function expectError(source: string, error: object): Promise<void> {
  expect(errorOf(await bench.peer.runSource(source))).toMatchObject(error);
}

describe('functions', () => {
  beforeEach(() => bench.start());

  test('get their arguments and give their results, in any number', async () => {
    const add = await bench.peer.define('export default (a, b) => a + b');
    const many = await bench.peer.submit(
      Array.from({ length: 500 }, (_, index) => ({ functionIndex: add, args: [index, 1] })),
    );
    const outcomes = await Promise.all(many.map((submission) => bench.peer.outcome(submission)));
    expect(outcomes).toEqual(many.map((_, index) => ({ value: index + 1 })));
  });

  test('may return promises', async () => {
    const source =
      'export default async (x) => { await new Promise((r) => setTimeout(r, 5)); return x * 2; }';
    expect(await bench.peer.runSource(source, { args: [21] })).toEqual({ value: 42 });
  });

  test('get a context where they ask for one, unless the caller filled its place', async () => {
    const source =
      'export default (a, ctx) => ctx === 7 ? 7 : [a, ctx.taskId, ctx.attempt, ctx.worker, ctx.signal.aborted]';
    const index = await bench.peer.define(source, 1);
    const task = { functionIndex: index, taskId: 11, attempt: 2 };
    const outcome = await bench.peer.run(task);
    expect(outcome).toMatchObject({
      value: [undefined, 11, 2, expect.stringMatching(`^${bench.pool.id}/[01]$`), false],
    });
    expect(await bench.peer.run({ ...task, args: [1, 7] })).toEqual({ value: 7 });
  });

  test('take and give large values', async () => {
    const bytes = new Uint8Array(3_000_000).map((_, index) => index % 251);
    const outcome = await bench.peer.runSource('export default (b) => b', { args: [bytes] });
    expect('value' in outcome && Buffer.compare(outcome.value as Uint8Array, bytes)).toBe(0);
  });

  test('see who they run as', async () => {
    const names = ['RANK', 'COUNT', 'POOL_ID', 'BLOCK_ID'].map((name) => `PARSL_WORKER_${name}`);
    const outcome = await bench.peer.runSource(
      `export default () => ${JSON.stringify(names)}.map((n) => process.env[n])`,
    );
    expect(outcome).toEqual({ value: [expect.stringMatching(/^[01]$/), '2', bench.pool.id, 'manual'] });
  });

  test('do not hold each other up: a short one overtakes one that never yields', async () => {
    const spin = await bench.peer.define(
      `import fs from 'node:fs';
      export default (until) => { while (until !== undefined && !fs.existsSync(until)); }`,
    );
    const warm = await bench.peer.submit(Array.from({ length: 200 }, () => ({ functionIndex: spin })));
    await Promise.all(warm.map((submission) => bench.peer.outcome(submission)));
    const go = join(bench.dir, 'go');
    const [long, ...short] = await bench.peer.submit([
      { functionIndex: spin, args: [go] },
      ...Array.from({ length: 100 }, () => ({ functionIndex: spin })),
    ]);
    await expect.poll(() => bench.peer.started).toContain(long);
    await Promise.all(short.map((submission) => bench.peer.outcome(submission)));
    writeFileSync(go, '');
    expect(await bench.peer.outcome(long!)).toEqual({ value: undefined });
  });
});

describe('a function that fails', () => {
  beforeEach(() => bench.start());

  test('passes on its error: class, fields, stack', async () => {
    const source =
      'export default function broken() { throw Object.assign(new RangeError("no"), { size: 3 }) }';
    const error = errorOf(await bench.peer.runSource(source));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({
      message: 'no',
      size: 3,
      stack: expect.stringMatching(/broken.*[0-9a-f]{64}\.mjs:1:/),
    });
  });

  test('by throwing what is not an error', () =>
    expectError('export default () => { throw { reason: 1 } }', {
      code: 'PARSL_THROWN_VALUE',
      value: { reason: 1 },
    }));

  test('by rejecting with nothing', () =>
    expectError('export default () => Promise.reject()', { code: 'PARSL_THROWN_VALUE' }));

  test('by a result that cannot travel, which is named', () =>
    expectError('export default () => ({ rows: [1, 2, 3, () => 1] })', {
      code: 'PARSL_SERIALIZATION',
      path: 'the result.rows[3]',
    }));

  test('by a module that cannot be loaded', () =>
    expectError('import "no-such-package-here"; export default () => 1', { code: 'ERR_MODULE_NOT_FOUND' }));

  test('by a module that throws while it is loaded, every time', async () => {
    const index = await bench.peer.define('throw new TypeError("not today"); export default () => 1');
    for (let time = 0; time < 2; time++) {
      expect(errorOf(await bench.peer.run({ functionIndex: index }))).toBeInstanceOf(TypeError);
    }
  });

  test('by a module without a function', () =>
    expectError('export default 7', { code: 'PARSL_FUNCTION_NOT_LOADED' }));

  test('by an exception in a callback, which ends its worker and nothing else', async () => {
    const source =
      'export default () => new Promise(() => setTimeout(() => { throw new RangeError("stray") }, 5))';
    const error = errorOf(await bench.peer.runSource(source));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe('stray');
    expect(await bench.peer.runSource('export default () => 1')).toEqual({ value: 1 });
  });
});

describe('a function that harms its worker fails alone', () => {
  beforeEach(() => bench.start({ maxWorkersPerNode: 1 }));

  afterEach(async () => {
    expect(await bench.peer.runSource('export default () => "well"')).toEqual({ value: 'well' });
  });

  const lost = (end: Partial<WorkerLost>, message: RegExp) => ({
    code: 'PARSL_WORKER_LOST',
    message: expect.stringMatching(message) as string,
    ...end,
  });

  test('by process.exit()', () =>
    expectError(
      'export default () => process.exit(7)',
      lost({ exitCode: 7, signal: null }, /code 7.*process\.exit/),
    ));

  test('by a signal', () =>
    expectError(
      'export default () => process.kill(process.pid, "SIGSEGV")',
      lost({ exitCode: null, signal: 'SIGSEGV' }, /SIGSEGV/),
    ));

  test('by aborting', () =>
    expectError(
      'export default () => process.abort()',
      lost({ exitCode: null, signal: 'SIGABRT', outOfMemory: null }, /its output says why/),
    ));

  test('by closing its connection', () =>
    expectError(
      'import fs from "node:fs"; export default () => { fs.closeSync(4); return new Promise(() => {}) }',
      { code: 'PARSL_WORKER_LOST' },
    ));

  test.each(['', 'async '])('by breaking what its answer is made with (%sfunction)', (kind) =>
    expectError(`export default ${kind}() => { globalThis.Buffer = undefined; return 1 }`, {
      code: 'PARSL_WORKER_LOST',
    }),
  );

  test('by writing what are no answers where its answers are kept', () =>
    expectError(
      `import fs from "node:fs";
      export default () => {
        const journal = Buffer.alloc(22, 0xff);
        for (const at of [0, 18]) journal.writeUInt32LE(1, at);
        journal.writeUInt32LE(10, 4);
        fs.writeSync(5, journal, 0, 22, 8);
        process.kill(process.pid, "SIGKILL");
      }`,
      { code: 'PARSL_WORKER_LOST', signal: 'SIGKILL' },
    ));

  test('by exiting after its result: the next task is not blamed', async () => {
    const source = 'export default () => { setTimeout(() => process.exit(3), 30); return process.pid }';
    const outcome = await bench.peer.runSource(source);
    await expect.poll(() => bench.logText()).toContain('"exitCode":3');
    expect(outcome).toEqual({ value: expect.any(Number) });
  });

  test('by being killed after its result: a task that it was given meanwhile is run by another', async () => {
    const source = `export default (isLast) => {
      // When the result has left, and before anything else is read.
      if (!isLast) process.nextTick(() => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
        process.kill(process.pid, 'SIGKILL');
      });
      return process.pid;
    }`;
    const functionIndex = await bench.peer.define(source);
    const first = await bench.peer.run({ functionIndex, args: [false] });
    const next = await bench.peer.run({ functionIndex, args: [true] });
    expect(next).toEqual({ value: expect.any(Number) });
    expect(next).not.toEqual(first);
  });

  test('by rejections that nobody handles: they are written to its log', async () => {
    await bench.peer.runSource('export default () => { void Promise.reject(new Error("forgotten")) }');
    await expect
      .poll(() => readFileSync(join(bench.logDir(), 'worker_0.log'), 'utf8'))
      .toContain('forgotten');
  });

  test('by moving to another directory', async () => {
    const source = 'export default () => { const old = process.cwd(); process.chdir("/"); return old }';
    const index = await bench.peer.define(source);
    const first = await bench.peer.run({ functionIndex: index });
    expect(await bench.peer.run({ functionIndex: index })).toEqual(first);
  });

  test('by writing to its standard output and error: it goes to its log', async () => {
    await bench.peer.runSource(
      'export default () => { console.log("out-1"); process.stderr.write("err-1\\n") }',
    );
    expect(readFileSync(join(bench.logDir(), 'worker_0.log'), 'utf8')).toBe('out-1\nerr-1\n');
  });
});

test('a worker that dies in the middle of short tasks loses one of them and repeats none', async () => {
  await bench.start({ maxWorkersPerNode: 1 });
  const file = join(bench.dir, 'runs.txt');
  const source = `import fs from 'node:fs';
    export default (x) => {
      fs.appendFileSync(${JSON.stringify(file)}, x + ' ');
      if (x % 50 === 49) process.kill(process.pid, 'SIGKILL');
      return x;
    }`;
  const index = await bench.peer.define(source);
  const warm = await bench.peer.submit(
    Array.from({ length: 40 }, () => ({ functionIndex: index, args: [0] })),
  );
  await Promise.all(warm.map((submission) => bench.peer.outcome(submission)));
  rmSync(file);
  const submissions = await bench.peer.submit(
    Array.from({ length: 120 }, (_, x) => ({ functionIndex: index, args: [x] })),
  );
  const outcomes = await Promise.all(submissions.map((submission) => bench.peer.outcome(submission)));
  const failed = outcomes.flatMap((outcome, x) => ('error' in outcome ? [x] : []));
  expect(failed).toEqual([49, 99]);
  const runs = readFileSync(file, 'utf8').trim().split(' ').map(Number);
  expect(runs.sort((a, b) => a - b)).toEqual(submissions.map((_, x) => x));
});

test('a function that fills its heap is lost alone, with the probable reason', async () => {
  await bench.start({ maxWorkersPerNode: 1, memPerWorkerGb: 0.05 });
  const source =
    'export default () => { const all = []; for (;;) all.push(new Array(1000).fill(all.length)); }';
  await expectError(source, {
    code: 'PARSL_WORKER_LOST',
    message: expect.stringContaining('memPerWorkerGb'),
  });
  expect(await bench.peer.runSource('export default () => 1')).toEqual({ value: 1 });
});

describe('a function is stopped', () => {
  beforeEach(() => bench.start({ maxWorkersPerNode: 1 }));

  test('at its timeout by its signal', async () => {
    const source = `export default ({ signal }) => new Promise((resolve) => {
      const stop = () => { console.log(signal.reason.code); resolve(1); };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    })`;
    const functionIndex = await bench.peer.define(source, 0);
    const errors: Error[] = [];
    // A worker that loads the function for longer than it may run is killed before it can heed anything.
    await expect
      .poll(async () => {
        errors.push(errorOf(await bench.peer.run({ functionIndex, timeoutMs: 50 })));
        return readFileSync(join(bench.logDir(), 'worker_0.log'), 'utf8');
      })
      .toBe('PARSL_APP_TIMEOUT\n');
    for (const error of errors) expect(error).toMatchObject({ code: 'PARSL_APP_TIMEOUT', timeoutMs: 50 });
  });

  test('at its timeout by force, with what it started, if it never yields', async () => {
    const seconds = `86399.${String(process.pid)}`;
    const source = `import { spawn } from 'node:child_process';
      export default () => { spawn('sleep', ['${seconds}']); for (;;); }`;
    expect(errorOf(await bench.peer.runSource(source, { timeoutMs: 100 }))).toMatchObject({
      code: 'PARSL_APP_TIMEOUT',
    });
    await expect.poll(() => processes(`sleep ${seconds}`)).toEqual([]);
    expect(await bench.peer.runSource('export default () => 1')).toEqual({ value: 1 });
  });

  test('when it is cancelled while it runs', async () => {
    const source = `export default (ctx) => new Promise((resolve, reject) =>
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))`;
    const index = await bench.peer.define(source, 0);
    const [running] = await bench.peer.submit([{ functionIndex: index }]);
    await expect.poll(() => bench.peer.started).toEqual([running]);
    await bench.peer.cancel([running!], 'enough');
    expect(errorOf(await bench.peer.outcome(running!))).toMatchObject({ code: 'PARSL_TASK_CANCELLED' });
  });

  test('when it is cancelled before it runs: it never does', async () => {
    const wait = await bench.peer.define('export default (ms) => new Promise((r) => setTimeout(r, ms))');
    const [, waiting] = await bench.peer.submit([
      { functionIndex: wait, args: [300] },
      { functionIndex: wait, args: [86_400_000] },
    ]);
    await bench.peer.cancel([waiting!], 'enough');
    expect(errorOf(await bench.peer.outcome(waiting!))).toMatchObject({ code: 'PARSL_TASK_CANCELLED' });
  });
});

describe("a task's output", () => {
  beforeEach(() => bench.start({ maxWorkersPerNode: 1 }));

  test('goes to its files, appended, and only its own', async () => {
    const say = await bench.peer.define(
      'export default async (w) => { console.log(w); await null; process.stdout.write("-" + w); console.error("e" + w) }',
    );
    const stdout = join(bench.dir, 'deep', 'er', 'out.txt');
    const stderr = join(bench.dir, 'err.txt');
    for (const word of ['a', 'b']) {
      await bench.peer.run({ functionIndex: say, args: [word], options: { stdout, stderr } });
      await bench.peer.run({ functionIndex: say, args: ['not captured'] });
    }
    expect(readFileSync(stdout, 'utf8')).toBe('a\n-ab\n-b');
    expect(readFileSync(stderr, 'utf8')).toBe('ea\neb\n');
  });

  test.each([
    ['below a file', '/dev/null'],
    ['where no directory can be made', '/proc/none'],
  ])('fails it when its file cannot be written: %s', async (_what, place) => {
    const stdout = join(place, 'out.txt');
    const source = 'export default () => 1';
    const index = await bench.peer.define(source);
    const outcome = await bench.peer.run({ functionIndex: index, options: { stdout } });
    expect(errorOf(outcome)).toMatchObject({ code: 'PARSL_OUTPUT_FILE', path: stdout });
    expect(await bench.peer.run({ functionIndex: index })).toEqual({ value: 1 });
  });
});
