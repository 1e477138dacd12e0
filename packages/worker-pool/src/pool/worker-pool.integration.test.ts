import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlMessage, MessageType, readRegister, type WorkerLost } from '@parsl-ts/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { InterchangePeer, type Outcome } from '../testing/interchange-peer.js';
import { type WorkerPoolOptions } from './options.js';
import { startWorkerPool, type WorkerPool } from './worker-pool.js';

let peer: InterchangePeer;
let pool: WorkerPool;
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pool-test-'));
});

afterEach(async () => {
  await pool.close();
  peer.close();
  rmSync(dir, { recursive: true, force: true });
});

async function start(options: Partial<WorkerPoolOptions> = {}): Promise<void> {
  peer = await InterchangePeer.listen();
  pool = await startWorkerPool({
    addresses: [peer.address],
    coresPerWorker: 0.1,
    maxWorkersPerNode: 2,
    logDir: join(dir, 'logs'),
    scratchDir: dir,
    ...options,
  });
}

/** The pool's log directory. */
function logDir(block = 'manual'): string {
  return join(dir, 'logs', `block-${block}`, pool.id);
}

function errorOf(outcome: Outcome): Error {
  if ('error' in outcome) return outcome.error;
  throw new Error(`succeeded with ${JSON.stringify(outcome.value)}`);
}

async function expectError(source: string, error: object): Promise<void> {
  expect(errorOf(await peer.runSource(source))).toMatchObject(error);
}

describe('functions', () => {
  beforeEach(() => start());

  test('get their arguments and give their results, in any number', async () => {
    const add = await peer.define('export default (a, b) => a + b');
    const many = await peer.submit(
      Array.from({ length: 500 }, (_, index) => ({ functionIndex: add, args: [index, 1] })),
    );
    const outcomes = await Promise.all(many.map((submission) => peer.outcome(submission)));
    expect(outcomes).toEqual(many.map((_, index) => ({ value: index + 1 })));
  });

  test('may return promises', async () => {
    const source =
      'export default async (x) => { await new Promise((r) => setTimeout(r, 5)); return x * 2; }';
    expect(await peer.runSource(source, { args: [21] })).toEqual({ value: 42 });
  });

  test('get a context where they ask for one, unless the caller filled its place', async () => {
    const source =
      'export default (a, ctx) => ctx === 7 ? 7 : [a, ctx.taskId, ctx.attempt, ctx.worker, ctx.signal.aborted]';
    const index = await peer.define(source, 1);
    const task = { functionIndex: index, taskId: 11, attempt: 2 };
    const outcome = await peer.run(task);
    expect(outcome).toMatchObject({
      value: [undefined, 11, 2, expect.stringMatching(`^${pool.id}/[01]$`), false],
    });
    expect(await peer.run({ ...task, args: [1, 7] })).toEqual({ value: 7 });
  });

  test('take and give large values', async () => {
    const bytes = new Uint8Array(3_000_000).map((_, index) => index % 251);
    const outcome = await peer.runSource('export default (b) => b', { args: [bytes] });
    expect('value' in outcome && Buffer.compare(outcome.value as Uint8Array, bytes)).toBe(0);
  });

  test('see who they run as', async () => {
    const names = ['RANK', 'COUNT', 'POOL_ID', 'BLOCK_ID'].map((name) => `PARSL_WORKER_${name}`);
    const outcome = await peer.runSource(
      `export default () => ${JSON.stringify(names)}.map((n) => process.env[n])`,
    );
    expect(outcome).toEqual({ value: [expect.stringMatching(/^[01]$/), '2', pool.id, 'manual'] });
  });

  test('do not hold each other up: a short one overtakes one that never yields', async () => {
    const spin = await peer.define(
      `import fs from 'node:fs';
      export default (until) => { while (until !== undefined && !fs.existsSync(until)); }`,
    );
    const warm = await peer.submit(Array.from({ length: 200 }, () => ({ functionIndex: spin })));
    await Promise.all(warm.map((submission) => peer.outcome(submission)));
    const go = join(dir, 'go');
    const [long, ...short] = await peer.submit([
      { functionIndex: spin, args: [go] },
      ...Array.from({ length: 100 }, () => ({ functionIndex: spin })),
    ]);
    await expect.poll(() => peer.started).toContain(long);
    await Promise.all(short.map((submission) => peer.outcome(submission)));
    writeFileSync(go, '');
    expect(await peer.outcome(long!)).toEqual({ value: undefined });
  });
});

describe('a function that fails', () => {
  beforeEach(() => start());

  test('passes on its error: class, fields, stack', async () => {
    const source =
      'export default function broken() { throw Object.assign(new RangeError("no"), { size: 3 }) }';
    const error = errorOf(await peer.runSource(source));
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
    const index = await peer.define('throw new TypeError("not today"); export default () => 1');
    for (let time = 0; time < 2; time++) {
      expect(errorOf(await peer.run({ functionIndex: index }))).toBeInstanceOf(TypeError);
    }
  });

  test('by a module without a function', () =>
    expectError('export default 7', { code: 'PARSL_FUNCTION_NOT_LOADED' }));

  test('by an exception in a callback, which ends its worker and nothing else', async () => {
    const source =
      'export default () => new Promise(() => setTimeout(() => { throw new RangeError("stray") }, 5))';
    const error = errorOf(await peer.runSource(source));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe('stray');
    expect(await peer.runSource('export default () => 1')).toEqual({ value: 1 });
  });
});

describe('a function that harms its worker fails alone', () => {
  beforeEach(() => start({ maxWorkersPerNode: 1 }));

  afterEach(async () => {
    expect(await peer.runSource('export default () => "well"')).toEqual({ value: 'well' });
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
    const outcome = await peer.runSource(source);
    await expect.poll(() => logText()).toContain('"exitCode":3');
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
    const functionIndex = await peer.define(source);
    const first = await peer.run({ functionIndex, args: [false] });
    const next = await peer.run({ functionIndex, args: [true] });
    expect(next).toEqual({ value: expect.any(Number) });
    expect(next).not.toEqual(first);
  });

  test('by rejections that nobody handles: they are written to its log', async () => {
    await peer.runSource('export default () => { void Promise.reject(new Error("forgotten")) }');
    await expect.poll(() => readFileSync(join(logDir(), 'worker_0.log'), 'utf8')).toContain('forgotten');
  });

  test('by moving to another directory', async () => {
    const source = 'export default () => { const old = process.cwd(); process.chdir("/"); return old }';
    const index = await peer.define(source);
    const first = await peer.run({ functionIndex: index });
    expect(await peer.run({ functionIndex: index })).toEqual(first);
  });

  test('by writing to its standard output and error: it goes to its log', async () => {
    await peer.runSource('export default () => { console.log("out-1"); process.stderr.write("err-1\\n") }');
    expect(readFileSync(join(logDir(), 'worker_0.log'), 'utf8')).toBe('out-1\nerr-1\n');
  });
});

test('a worker that dies in the middle of short tasks loses one of them and repeats none', async () => {
  await start({ maxWorkersPerNode: 1 });
  const file = join(dir, 'runs.txt');
  const source = `import fs from 'node:fs';
    export default (x) => {
      fs.appendFileSync(${JSON.stringify(file)}, x + ' ');
      if (x % 50 === 49) process.kill(process.pid, 'SIGKILL');
      return x;
    }`;
  const index = await peer.define(source);
  const warm = await peer.submit(Array.from({ length: 40 }, () => ({ functionIndex: index, args: [0] })));
  await Promise.all(warm.map((submission) => peer.outcome(submission)));
  rmSync(file);
  const submissions = await peer.submit(
    Array.from({ length: 120 }, (_, x) => ({ functionIndex: index, args: [x] })),
  );
  const outcomes = await Promise.all(submissions.map((submission) => peer.outcome(submission)));
  const failed = outcomes.flatMap((outcome, x) => ('error' in outcome ? [x] : []));
  expect(failed).toEqual([49, 99]);
  const runs = readFileSync(file, 'utf8').trim().split(' ').map(Number);
  expect(runs.sort((a, b) => a - b)).toEqual(submissions.map((_, x) => x));
});

function logText(): string {
  return readFileSync(join(logDir(), 'manager.log'), 'utf8');
}

test('a function that fills its heap is lost alone, with the probable reason', async () => {
  await start({ maxWorkersPerNode: 1, memPerWorkerGb: 0.05 });
  const source =
    'export default () => { const all = []; for (;;) all.push(new Array(1000).fill(all.length)); }';
  await expectError(source, {
    code: 'PARSL_WORKER_LOST',
    message: expect.stringContaining('memPerWorkerGb'),
  });
  expect(await peer.runSource('export default () => 1')).toEqual({ value: 1 });
});

describe('a function is stopped', () => {
  beforeEach(() => start({ maxWorkersPerNode: 1 }));

  test('at its timeout by its signal', async () => {
    const source = `export default ({ signal }) => new Promise((resolve) => {
      const stop = () => { console.log(signal.reason.code); resolve(1); };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    })`;
    const functionIndex = await peer.define(source, 0);
    const errors: Error[] = [];
    // A worker that loads the function for longer than it may run is killed before it can heed anything.
    await expect
      .poll(async () => {
        errors.push(errorOf(await peer.run({ functionIndex, timeoutMs: 50 })));
        return readFileSync(join(logDir(), 'worker_0.log'), 'utf8');
      })
      .toBe('PARSL_APP_TIMEOUT\n');
    for (const error of errors) expect(error).toMatchObject({ code: 'PARSL_APP_TIMEOUT', timeoutMs: 50 });
  });

  test('at its timeout by force, with what it started, if it never yields', async () => {
    const seconds = `86399.${String(process.pid)}`;
    const source = `import { spawn } from 'node:child_process';
      export default () => { spawn('sleep', ['${seconds}']); for (;;); }`;
    expect(errorOf(await peer.runSource(source, { timeoutMs: 100 }))).toMatchObject({
      code: 'PARSL_APP_TIMEOUT',
    });
    await expect.poll(() => processes(`sleep ${seconds}`)).toEqual([]);
    expect(await peer.runSource('export default () => 1')).toEqual({ value: 1 });
  });

  test('when it is cancelled while it runs', async () => {
    const source = `export default (ctx) => new Promise((resolve, reject) =>
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))`;
    const index = await peer.define(source, 0);
    const [running] = await peer.submit([{ functionIndex: index }]);
    await expect.poll(() => peer.started).toEqual([running]);
    await peer.cancel([running!], 'enough');
    expect(errorOf(await peer.outcome(running!))).toMatchObject({ code: 'PARSL_TASK_CANCELLED' });
  });

  test('when it is cancelled before it runs: it never does', async () => {
    const wait = await peer.define('export default (ms) => new Promise((r) => setTimeout(r, ms))');
    const [, waiting] = await peer.submit([
      { functionIndex: wait, args: [300] },
      { functionIndex: wait, args: [86_400_000] },
    ]);
    await peer.cancel([waiting!], 'enough');
    expect(errorOf(await peer.outcome(waiting!))).toMatchObject({ code: 'PARSL_TASK_CANCELLED' });
  });
});

describe("a task's output", () => {
  beforeEach(() => start({ maxWorkersPerNode: 1 }));

  test('goes to its files, appended, and only its own', async () => {
    const say = await peer.define(
      'export default async (w) => { console.log(w); await null; process.stdout.write("-" + w); console.error("e" + w) }',
    );
    const stdout = join(dir, 'deep', 'er', 'out.txt');
    const stderr = join(dir, 'err.txt');
    for (const word of ['a', 'b']) {
      await peer.run({ functionIndex: say, args: [word], options: { stdout, stderr } });
      await peer.run({ functionIndex: say, args: ['not captured'] });
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
    const index = await peer.define(source);
    const outcome = await peer.run({ functionIndex: index, options: { stdout } });
    expect(errorOf(outcome)).toMatchObject({ code: 'PARSL_OUTPUT_FILE', path: stdout });
    expect(await peer.run({ functionIndex: index })).toEqual({ value: 1 });
  });
});

describe('a pool', () => {
  test('tells what it is when it registers', async () => {
    peer = await InterchangePeer.listen();
    const registration = peer.registration();
    pool = await startWorkerPool({
      addresses: [peer.address],
      maxWorkersPerNode: 1,
      blockId: '7',
      prefetchCapacity: 3,
    });
    expect(await registration).toMatchObject({ blockId: '7', workers: 1, capacity: 4, pid: process.pid });
  });

  test('hands back what has not started and ends its workers when it is closed', async () => {
    await start({ maxWorkersPerNode: 1 });
    const wait = await peer.define('export default () => { for (;;); }');
    const [running, waiting] = await peer.submit([{ functionIndex: wait }, { functionIndex: wait }]);
    await expect.poll(() => peer.started).toEqual([running]);
    const goodbye = peer.next(MessageType.goodbye);
    await pool.close('the job was cancelled');
    await goodbye;
    expect(peer.returned).toEqual([waiting]);
    expect(errorOf(await peer.outcome(running!))).toMatchObject({
      code: 'PARSL_MANAGER_LOST',
      message: expect.stringContaining('the job was cancelled'),
    });
    expect(processes(pool.id)).toEqual([]);
  });

  test('drains: finishes, says goodbye, ends', async () => {
    await start({ maxWorkersPerNode: 1, drainPeriodMs: 150 });
    const goodbye = peer.next(MessageType.goodbye);
    const drain = peer.next(MessageType.drain);
    const outcome = peer.runSource('export default () => new Promise((r) => setTimeout(() => r(1), 400))');
    await drain;
    await goodbye;
    expect(await outcome).toEqual({ value: 1 });
    expect(await pool.closed).toMatchObject({ exitCode: 0 });
  });

  test('waits for nobody to have its results when the run ends while its workers do', async () => {
    await start({ maxWorkersPerNode: 1, drainPeriodMs: 500 });
    peer.acknowledges = false;
    const drain = peer.next(MessageType.drain);
    // A worker that takes its time to end.
    const outcome = peer.runSource(
      "export default () => { process.on('SIGTERM', () => {}); return new Promise((r) => setTimeout(() => r(1), 1000)); }",
    );
    await drain;
    const ending = peer.next(MessageType.drain);
    expect(await outcome).toEqual({ value: 1 });
    await ending;
    await peer.shutdown();
    expect(await pool.closed).toMatchObject({ exitCode: 0, reason: 'it has drained' });
  });

  test('drains before its block ends, and gives up what still runs a moment before that', async () => {
    await start({ maxWorkersPerNode: 2, walltimeMs: 10_000, drainBeforeEndMs: 7500 });
    const drain = peer.next(MessageType.drain);
    const go = join(dir, 'go');
    const source = `import fs from 'node:fs';
      import { setTimeout } from 'node:timers/promises';
      export default async (go) => { while (!fs.existsSync(go)) await setTimeout(20); return 1; }`;
    const short = peer.runSource(source, { args: [go] });
    const long = peer.runSource('export default () => new Promise(() => setInterval(() => undefined, 1000))');
    await drain;
    writeFileSync(go, '');
    expect(await short).toEqual({ value: 1 });
    expect(errorOf(await long)).toMatchObject({
      code: 'PARSL_MANAGER_LOST',
      message: expect.stringContaining('the walltime of its block is over') as string,
    });
    expect(await pool.closed).toMatchObject({ exitCode: 0, reason: 'the walltime of its block is over' });
  });

  test('tells how long it is going to be there', async () => {
    const registration = (options: Partial<WorkerPoolOptions>) =>
      InterchangePeer.listen().then(async (other) => {
        peer = other;
        const told = peer.registration();
        pool = await startWorkerPool({
          addresses: [peer.address],
          coresPerWorker: 0.1,
          maxWorkersPerNode: 1,
          ...options,
        });
        return told;
      });
    const { endsInMs = 0 } = await registration({ walltimeMs: 60_000 });
    expect(endsInMs).toBeGreaterThan(50_000);
    expect(endsInMs).toBeLessThanOrEqual(56_000);
    await pool.close();
    peer.close();
    expect(await registration({})).not.toHaveProperty('endsInMs');
  });

  test('ends when it is told to', async () => {
    await start();
    await peer.shutdown();
    expect(await pool.closed).toMatchObject({ exitCode: 0 });
  });

  test('registers anew when it is told to, with what it holds and what may not have arrived', async () => {
    await start({ maxWorkersPerNode: 1 });
    peer.acknowledges = false;
    expect(await peer.runSource('export default () => 1', { taskId: 10 })).toEqual({ value: 1 });
    await peer.acknowledge();
    expect(await peer.runSource('export default () => 2', { taskId: 20 })).toEqual({ value: 2 });
    const spin = await peer.define('export default () => { for (;;); }');
    const [runs, waits] = await peer.submit([
      { functionIndex: spin, taskId: 30 },
      { functionIndex: spin, taskId: 40 },
    ]);
    const again = peer.next(MessageType.register);
    const results = peer.next(MessageType.results);
    for (const asked of [5, 6, 7]) await peer.send(controlMessage(MessageType.unknown, { asked }));
    const { registration, holdings } = readRegister(await again);
    expect(registration).toMatchObject({ workers: 1 });
    expect(holdings).toMatchObject({ asked: 5, runId: 'test', delivered: 1 });
    const tasks = [...holdings!.tasks].sort((a, b) => a.taskId - b.taskId);
    expect(tasks.map(({ taskId }) => taskId)).toEqual([20, 30, 40]);
    expect(tasks.slice(1).map(({ submission }) => submission)).toEqual([runs, waits]);
    expect(await results).toHaveLength(1);
    await peer.cancel([runs!, waits!], 'not wanted any more');
    expect(await peer.runSource('export default () => 3')).toEqual({ value: 3 });
    expect(peer.received.filter((type) => type === MessageType.register)).toHaveLength(2);
    const ended = pool.close();
    const all = peer.next(MessageType.goodbye);
    await peer.acknowledge();
    await all;
    await ended;
  });

  test('wants to be asked what it has when others of its results have come than it has sent first', async () => {
    await start({ maxWorkersPerNode: 1 });
    peer.acknowledges = false;
    const one = await peer.define('export default () => 1');
    const submissions = await peer.submit([{ functionIndex: one }, { functionIndex: one }]);
    for (const submission of submissions) await peer.outcome(submission);
    const wish = peer.next(MessageType.reconnected);
    await peer.send(controlMessage(MessageType.delivered, { results: 1, last: submissions[1] }));
    await wish;
    peer.acknowledges = true;
    const again = peer.next(MessageType.register);
    await peer.send(controlMessage(MessageType.unknown, { asked: 1 }));
    const { holdings } = readRegister(await again);
    expect(holdings).toMatchObject({ delivered: 0 });
    expect(holdings?.tasks.map(({ submission }) => submission)).toEqual(submissions);
  });

  test('goes on when the interchange is there again, and says so', async () => {
    await start({ maxWorkersPerNode: 1 });
    const spin = await peer.define(
      'export default () => { const end = Date.now() + 1500; while (Date.now() < end); return 7; }',
    );
    const [submission] = await peer.submit([{ functionIndex: spin }]);
    // What has not left by then is dropped with the socket.
    await expect.poll(() => peer.started).toContain(submission);
    const { address } = peer;
    await peer.router.unbind(address);
    peer.close();
    const second = await InterchangePeer.listen({}, address);
    const reconnected = await second.next(MessageType.reconnected);
    expect(reconnected).toHaveLength(1);
    const again = second.next(MessageType.register);
    second.expectOutcome(submission!);
    await second.send(controlMessage(MessageType.unknown, { asked: 9 }));
    expect(readRegister(await again).holdings?.tasks).toEqual([{ submission, taskId: submission }]);
    expect(await second.outcome(submission!)).toEqual({ value: 7 });
    second.close();
    await pool.close();
  });

  test('ends when the interchange falls silent', async () => {
    await start({ heartbeatPeriodMs: 500, heartbeatThresholdMs: 2000 });
    expect(await pool.closed).toMatchObject({ exitCode: 6, reason: expect.stringContaining('silent') });
  });

  test('ends when the interchange is gone and does not come back', async () => {
    await start({ heartbeatPeriodMs: 500, heartbeatThresholdMs: 2000 });
    peer.close();
    expect(await pool.closed).toMatchObject({ exitCode: 6, reason: expect.stringContaining('silent') });
  });

  test('survives bytes that are no messages', async () => {
    await start();
    await peer.send(Buffer.from('?'));
    await peer.send(Buffer.from([0x50, 0x54, 1, MessageType.tasks, 1, 2, 3]));
    await peer.send(Buffer.from([0x50, 0x54, 1, MessageType.code]));
    await peer.send(Buffer.from([0x50, 0x54, 1, MessageType.cancel, 0xc1]));
    await peer.send(Buffer.from([0x50, 0x54, 1, 99]));
    expect(await peer.runSource('export default () => 1')).toEqual({ value: 1 });
  });
});

/** Processes whose command line or environment holds this text. */
function processes(text: string): string[] {
  const all = execFileSync('ps', ['axeww', '-o', 'pid=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return all.split('\n').filter((line) => line.includes(text) && !line.includes('ps axeww'));
}
