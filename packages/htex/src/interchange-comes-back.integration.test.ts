import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { basename, join } from 'node:path';
import { HandStartedPool } from '@parsl-ts-internal/other-hosts';
import { describe, expect, test } from 'vitest';

import type { HighThroughputExecutor } from './high-throughput-executor.js';
import type { HighThroughputExecutorOptions } from './htex-options.js';
import { NO_TIME_TO_HEED_MS, unlessTheMachineStops } from './testing/machine-stops.js';
import { useRunDirectory } from './testing/run-directory.js';
import { poolsWhere, startExecutor } from './testing/started-executor.js';
import { TestTask, testFunction } from './testing/test-tasks.js';

const run = useRunDirectory();
const TWO_WORKERS = { coresPerWorker: 0.1, maxWorkersPerNode: 2 };
/** Pools that give up soon an interchange that has gone for good, and an interchange that is patient with them. */
const IMPATIENT = [{ ...TWO_WORKERS, heartbeatPeriodMs: 500 }, 1, '--heartbeat-threshold-ms 3000'] as const;

/** Notes its start, waits until there is a file, and gives `size` bytes. */
const noted = testFunction(`async (id, notes, gate, ms, size) => {
  const { appendFileSync, existsSync } = process.getBuiltinModule('node:fs');
  appendFileSync(notes, id + '\\n');
  while (gate !== '' && !existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 5));
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  return { id, bytes: new Uint8Array(size).fill(id % 256) };
}`);

/** An executor with `pools` pools. `more`: further options of theirs. */
async function withPools(options: HighThroughputExecutorOptions, pools: number, more = '') {
  const started = await startExecutor(run.path, options);
  const { htex, fatalError } = started;
  const list = Array.from({ length: pools }, (_, index) => {
    return new HandStartedPool(`${htex.workerPoolCommand({ blockId: `b${index}` })} ${more}`);
  });
  await poolsWhere(() => htex.connectedManagers().length === pools);
  const end = async () => {
    await htex.close();
    await Promise.all(list.map((pool) => pool[Symbol.asyncDispose]()));
  };
  return { htex, fatalError, pools: list, [Symbol.asyncDispose]: end };
}

/** The processes that have been this run's interchange, oldest first. */
function interchanges(): number[] {
  const text = readFileSync(join(run.path, 'htex', 'interchange.log'), 'utf8');
  // The last line may be half written.
  const lines = text.split('\n').slice(0, -1);
  return lines
    .map((line) => JSON.parse(line) as { readonly message: string; readonly pid: number })
    .filter(({ message }) => message === 'listening')
    .map(({ pid }) => pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Ends the interchange that there is now. */
function end(signal: NodeJS.Signals): void {
  process.kill(interchanges().at(-1)!, signal);
}

/** Listens at the port of the interchange that has just died, unless the next one is quicker. */
async function takePort(server: Server, port: number): Promise<void> {
  while (!server.listening && interchanges().length === 1) {
    await new Promise<void>((resolve) => {
      server.once('error', () => setTimeout(resolve, 2)).once('listening', resolve);
      server.listen(port, '127.0.0.1');
    });
    server.removeAllListeners('error').removeAllListeners('listening');
  }
}

async function another(count: number): Promise<void> {
  await poolsWhere(() => interchanges().length === count);
}

/** Submits tasks that note their starts, and tells afterwards how often each was started. */
class NotedTasks {
  private readonly htex: HighThroughputExecutor;
  private readonly notes = join(run.path, 'starts');
  private readonly gate = join(run.path, 'gate');
  private readonly tasks: TestTask[] = [];
  private settled = 0;

  constructor(htex: HighThroughputExecutor) {
    this.htex = htex;
    writeFileSync(this.notes, '');
  }

  submit(count: number, { waits = false, ms = 0, size = 0 } = {}): void {
    for (let index = 0; index < count; index++) {
      const task = new TestTask(noted, [this.tasks.length, this.notes, waits ? this.gate : '', ms, size]);
      task.outcome.then(() => this.settled++).catch(() => undefined);
      this.tasks.push(task);
      this.htex.submit(task);
    }
  }

  openGate(): void {
    appendFileSync(this.gate, '');
  }

  get starts(): number[] {
    return readFileSync(this.notes, 'utf8').trim().split('\n').map(Number);
  }

  async started(count: number): Promise<void> {
    await poolsWhere(() => this.starts.length >= count);
  }

  async succeeded(count: number): Promise<void> {
    await poolsWhere(() => this.settled >= count);
  }

  async outcomes(): Promise<PromiseSettledResult<unknown>[]> {
    return Promise.allSettled(this.tasks.map((task) => task.outcome));
  }

  /** Every task has its own result, and was started once. */
  async check(): Promise<void> {
    const results = (await Promise.all(this.tasks.map((task) => task.outcome))) as { readonly id: number }[];
    expect(results.map(({ id }) => id)).toEqual(this.tasks.map((_, id) => id));
    const { starts } = this;
    const once = new Set<number>();
    expect(starts.filter((id) => once.has(id) || !once.add(id))).toEqual([]);
    expect(starts).toHaveLength(this.tasks.length);
    expect(this.htex.outstanding).toBe(0);
  }
}

describe.each([
  ['SIGKILL', true],
  ['SIGKILL', false],
  ['SIGTERM', true],
] as const)('an interchange that ends by %s (encrypted: %s)', (signal, encrypted) => {
  test('is started again: what runs and what waits goes on, and nothing runs twice', async () => {
    await using started = await withPools({ ...TWO_WORKERS, encrypted, prefetchCapacity: 2 }, 2);
    const { htex } = started;
    const before = htex.workerPoolCommand();
    const tasks = new NotedTasks(htex);
    tasks.submit(50, { waits: true });
    await tasks.started(4);
    end(signal);
    tasks.submit(50);
    await another(2);
    tasks.submit(50);
    tasks.openGate();
    await tasks.check();
    expect(htex.connectedManagers()).toHaveLength(2);
    expect(htex.workerPoolCommand()).toBe(before);
    expect(new Set(interchanges()).size).toBe(2);
  });
});

test('while thousands of short tasks are on their ways, none is lost, none runs twice', async () => {
  await using started = await withPools(TWO_WORKERS, 2);
  const tasks = new NotedTasks(started.htex);
  tasks.submit(20_000);
  await tasks.succeeded(5000);
  end('SIGKILL');
  await another(2);
  await tasks.succeeded(12_000);
  end('SIGKILL');
  await tasks.check();
  // All that was left may have been on its way already, past the interchange that is needed no more.
  await another(3);
});

test('results that had left their pool and had not arrived are sent again, large ones too', async () => {
  await using started = await withPools(TWO_WORKERS, 2);
  const tasks = new NotedTasks(started.htex);
  tasks.submit(200, { size: 1_000_000 });
  await tasks.succeeded(50);
  end('SIGKILL');
  await tasks.check();
});

test('pools that are started by hand afterwards find it with the same command', async () => {
  await using started = await withPools(TWO_WORKERS, 0);
  const { htex } = started;
  const command = htex.workerPoolCommand();
  end('SIGKILL');
  const tasks = new NotedTasks(htex);
  tasks.submit(10);
  await using pool = new HandStartedPool(command);
  await tasks.check();
  expect(pool.output).not.toContain('PARSL_');
});

test('a port that somebody else has got meanwhile is waited for', async () => {
  await using started = await withPools(TWO_WORKERS, 1);
  const tasks = new NotedTasks(started.htex);
  tasks.submit(2, { waits: true });
  await tasks.started(2);
  const port = Number(/tcp:[^ ,]+:(\d+)/.exec(started.htex.workerPoolCommand())![1]);
  end('SIGKILL');
  const other = createServer((socket) => socket.destroy());
  await takePort(other, port);
  if (other.listening) {
    // Had it died for want of the port, it would have done so often enough by then.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(interchanges()).toHaveLength(1);
    other.close();
  }
  await Promise.race([another(2), started.fatalError.then((error) => Promise.reject(error))]);
  tasks.openGate();
  await tasks.check();
});

test('tasks of a pool that dies together with it fail with the pool, the others go on', async () => {
  // The new interchange waits so long for the one that does not come back; the other one hears nothing for longer.
  const heartbeats = { heartbeatThresholdMs: 5000, heartbeatPeriodMs: 500 };
  const options = { ...TWO_WORKERS, prefetchCapacity: 0, ...heartbeats };
  await using started = await withPools(options, 2, '--heartbeat-threshold-ms 60000');
  const { htex, pools } = started;
  const tasks = new NotedTasks(htex);
  tasks.submit(4, { waits: true });
  await tasks.started(4);
  const victim = htex.connectedManagers().find(({ blockId }) => blockId === 'b0')!;
  end('SIGSTOP');
  process.kill(victim.pid, 'SIGKILL');
  await pools[0]!.exited;
  end('SIGKILL');
  await poolsWhere(() => htex.connectedManagers().length === 1);
  tasks.openGate();
  const outcomes = await tasks.outcomes();
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  expect(errors).toHaveLength(2);
  for (const error of errors) {
    expect(error).toMatchObject({ code: 'PARSL_MANAGER_LOST', manager: victim.id, blockId: 'b0' });
  }
});

const cancellingAndHoldingSurviveIt = async () => {
  await using started = await withPools({ ...TWO_WORKERS, prefetchCapacity: 0 }, 2);
  const { htex } = started;
  const [first, second] = htex.connectedManagers();
  await htex.holdManager(first!.id);
  const sleeper = testFunction(
    `(file, ctx) => new Promise((resolve) => {
      const { writeFileSync } = process.getBuiltinModule('node:fs');
      ctx.signal.addEventListener('abort', () => resolve(writeFileSync(file, ctx.signal.reason.message)));
    })`,
    1,
  );
  const reasons = ['not wanted', 'too late'].map((message) => new Error(message));
  const files = reasons.map(({ message }) => join(run.path, message));
  for (const file of files) rmSync(file, { force: true });
  const running = files.map((file) => new TestTask(sleeper, [file]));
  for (const task of running) htex.submit(task);
  await Promise.all(running.map(({ place }) => place));
  end('SIGKILL');
  for (const [index, task] of running.entries()) htex.cancel(task, reasons[index]);
  const ends = await Promise.allSettled(running.map(({ outcome }) => outcome));
  expect(ends).toEqual(reasons.map((reason) => ({ status: 'rejected', reason })));
  for (const file of files) expect(readFileSync(file, 'utf8')).toBe(basename(file));
  const whoAmI = testFunction('() => process.ppid');
  const tasks = Array.from({ length: 10 }, () => new TestTask(whoAmI));
  for (const task of tasks) htex.submit(task);
  const managers = new Set(await Promise.all(tasks.map((task) => task.outcome)));
  expect([...managers]).toEqual([second!.pid]);
};

test('cancelling and holding survive it', () =>
  unlessTheMachineStops(NO_TIME_TO_HEED_MS, cancellingAndHoldingSurviveIt));

test('a pool that is held and away when it happens stays held when it comes back', async () => {
  const options = { ...TWO_WORKERS, prefetchCapacity: 0, heartbeatPeriodMs: 200, heartbeatThresholdMs: 3000 };
  await using started = await withPools(options, 2);
  const { htex } = started;
  const [first, second] = htex.connectedManagers();
  await htex.holdManager(first!.id);
  const isBack = () => htex.connectedManagers().some(({ id, onHold }) => id === first!.id && onHold);
  const whoAmI = testFunction('() => process.ppid');
  const managers = async () => {
    const tasks = Array.from({ length: 10 }, () => new TestTask(whoAmI));
    for (const task of tasks) htex.submit(task);
    return new Set(await Promise.all(tasks.map((task) => task.outcome)));
  };
  for (const interchangeDies of [false, true]) {
    process.kill(first!.pid, 'SIGSTOP');
    await poolsWhere(() => htex.connectedManagers().length === 1);
    if (interchangeDies) {
      end('SIGKILL');
      await another(2);
    }
    process.kill(first!.pid, 'SIGCONT');
    await poolsWhere(isBack);
    expect(await managers()).toEqual(new Set([second!.pid]));
  }
});

test('three deaths within a minute fail the executor with all that is outstanding, and pools end', async () => {
  await using started = await withPools(...IMPATIENT);
  const { htex, pools } = started;
  const tasks = new NotedTasks(htex);
  tasks.submit(3, { waits: true });
  await tasks.started(2);
  for (let death = 1; death <= 3; death++) {
    await another(death);
    end('SIGKILL');
  }
  const error = await started.fatalError;
  expect(error).toMatchObject({ code: 'PARSL_INTERCHANGE_LOST', signal: 'SIGKILL' });
  expect(error.message).toContain('third death within a minute');
  expect(error.message).toContain(join(run.path, 'htex', 'interchange.log'));
  expect(error).toMatchObject({ deaths: [{ signal: 'SIGKILL' }, { signal: 'SIGKILL' }] });
  for (const outcome of await tasks.outcomes())
    expect(outcome).toEqual({ status: 'rejected', reason: error });
  expect(htex.outstanding).toBe(0);
  await pools[0]!.exited;
});

test('closing while it is being started again ends everything', async () => {
  const started = await withPools(...IMPATIENT);
  const tasks = new NotedTasks(started.htex);
  tasks.submit(2, { waits: true });
  await tasks.started(2);
  end('SIGKILL');
  await another(2);
  // After the second one there is a pause.
  const second = interchanges().at(-1)!;
  end('SIGKILL');
  await poolsWhere(() => !isAlive(second));
  await new Promise((resolve) => setImmediate(resolve));
  const held = started.htex.holdManager(started.htex.connectedManagers()[0]!.id);
  await started[Symbol.asyncDispose]();
  await held;
  for (const outcome of await tasks.outcomes()) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'PARSL_EXECUTOR_CLOSED' } });
  }
});
