import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  SubmitError,
  type BlockLimits,
  type BlockRequest,
  type CancelOutcome,
  type ExecutionProvider,
  type JobId,
  type JobStatus,
} from '@parsl-ts/provider';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BlockActivity, BlockErrorHandler, BlockScaling, Executor, Logger } from '../executor.js';
import { BlockScaler } from './block-scaler.js';
import type { ScalingStrategy } from './strategy.js';
import { TooManyJobFailuresError } from './too-many-job-failures-error.js';

/** A batch scheduler in memory: takes jobs, and lets the test say what becomes of them. */
class MemoryProvider implements ExecutionProvider {
  readonly label = 'memory';
  readonly nodesPerBlock = 1;
  readonly node = {};
  pollIntervalMs = 5;
  readonly blocks: BlockLimits;
  readonly requests: BlockRequest[] = [];
  readonly jobs = new Map<JobId, JobStatus>();
  readonly cancelled: JobId[] = [];
  readonly cancelledNow: JobId[] = [];
  statusCalls = 0;
  /** What to do instead of taking a job. */
  onSubmit: (request: BlockRequest) => Promise<JobId> = (request) =>
    Promise.resolve(`job-${request.name.slice(-1)}`);
  onStatus: () => Promise<void> = () => Promise.resolve();
  onCancel: () => Promise<CancelOutcome> = () => Promise.resolve('cancelled');

  constructor(limits: Partial<BlockLimits>) {
    this.blocks = { init: 1, min: 0, max: 4, parallelism: 1, ...limits };
  }

  async submit(request: BlockRequest): Promise<JobId> {
    this.requests.push(request);
    const id = await this.onSubmit(request);
    this.jobs.set(id, { state: 'running' });
    return id;
  }

  async status(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, JobStatus>> {
    this.statusCalls++;
    await this.onStatus();
    return new Map(
      ids.flatMap((id) => (this.jobs.has(id) ? [[id, this.jobs.get(id) ?? { state: 'pending' }]] : [])),
    );
  }

  async cancel(ids: readonly JobId[], _signal?: AbortSignal): Promise<ReadonlyMap<JobId, CancelOutcome>> {
    const outcome = await this.onCancel();
    if (outcome === 'cancelled') {
      this.cancelled.push(...ids);
      for (const id of ids) {
        this.jobs.set(id, { state: 'cancelled' });
      }
    }
    return new Map(ids.map((id) => [id, outcome]));
  }

  cancelNow(ids: readonly JobId[]): void {
    this.cancelledNow.push(...ids);
  }
}

/** As much of an executor as its blocks need. */
class BlockExecutor implements Executor {
  readonly label: string;
  readonly capacity = 1;
  readonly scaling: BlockScaling;
  readonly pools = new Map<string, BlockActivity>();
  readonly drained: string[] = [];
  outstanding = 0;
  secret: string | undefined;
  #listener: () => void = () => undefined;

  constructor(provider: ExecutionProvider, label = 'cpu', blockErrorHandler?: BlockErrorHandler) {
    this.label = label;
    const secret = () => this.secret;
    this.scaling = {
      provider,
      workersPerNode: 1,
      blockErrorHandler,
      blockCommand: (blockId) => `/bin/pool --block ${blockId}`,
      get blockSecret() {
        return secret();
      },
      activity: () => this.pools,
      drainBlocks: (ids) => {
        this.drained.push(...ids);
        return Promise.resolve();
      },
      onActivity: (listener) => {
        this.#listener = listener;
        return () => {
          this.#listener = () => undefined;
        };
      },
    };
  }

  register(blockId: string, tasks = 0): void {
    const idleSince = tasks > 0 ? undefined : performance.now();
    this.pools.set(blockId, { managers: 1, workers: 1, tasks, idleSince });
    this.#listener();
  }

  start(): Promise<void> {
    return Promise.resolve();
  }
  submit(): void {
    throw new Error('not needed here');
  }
  cancel(): void {
    throw new Error('not needed here');
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

let runDir: string;
let lines: { level: string; message: string }[];
let fatal: ReturnType<typeof vi.fn<(error: Error) => void>>;
const scalers: BlockScaler[] = [];

const logger: Logger = {
  debug: () => undefined,
  info: (_, message) => lines.push({ level: 'info', message }),
  warn: (_, message) => lines.push({ level: 'warn', message }),
  error: (_, message) => lines.push({ level: 'error', message }),
  child: () => logger,
};

beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'scaler-'));
  lines = [];
  fatal = vi.fn<(error: Error) => void>();
});
afterEach(async () => {
  await Promise.all(scalers.splice(0).map((scaler) => scaler.close()));
  rmSync(runDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

function scale(
  executor: BlockExecutor,
  strategy: ScalingStrategy = 'simple',
  maxIdleTimeMs = 60_000,
): BlockScaler {
  const scaler = new BlockScaler({
    executor,
    strategy,
    strategyPeriodMs: 50,
    maxIdleTimeMs,
    runDir,
    logger,
    fatal,
  });
  scalers.push(scaler);
  return scaler;
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

describe('submitting', () => {
  test('the first block is asked for before start returns, in the run’s own directory', async () => {
    const provider = new MemoryProvider({ init: 2 });
    scale(new BlockExecutor(provider)).start();
    const scriptDir = join(runDir, 'submit_scripts');
    expect(provider.requests).toEqual([
      { name: 'parsl.cpu.block-0', command: '/bin/pool --block 0', tasksPerNode: 1, scriptDir },
    ]);
    expect(statSync(scriptDir).isDirectory()).toBe(true);
    await vi.waitFor(() => {
      expect(provider.requests.map(({ command }) => command)).toEqual([
        '/bin/pool --block 0',
        '/bin/pool --block 1',
      ]);
    });
  });

  test('many first blocks, and a scheduler that does not answer for a moment: the run goes on', async () => {
    const provider = new MemoryProvider({ init: 8, max: 8 });
    const takes = provider.onSubmit;
    provider.onSubmit = ({ name }) =>
      Promise.reject(new SubmitError(name, 'unable to contact the controller', { unavailable: true }));
    const scaler = scale(new BlockExecutor(provider));
    scaler.start();
    await vi.waitFor(() => {
      expect(scaler.report()[0]?.outcome).toBe('not-submitted');
    });
    provider.onSubmit = takes;
    await vi.waitFor(
      () => {
        expect(scaler.report().filter(({ outcome }) => outcome === 'running')).toHaveLength(8);
      },
      { timeout: 20_000 },
    );
    expect(scaler.report().map(({ outcome }) => outcome)).toEqual([
      'not-submitted',
      ...Array.from({ length: 8 }, () => 'running'),
    ]);
    expect(fatal).not.toHaveBeenCalled();
  });

  test('a secret goes with the request, and the directory of the scripts is for this user only', () => {
    const provider = new MemoryProvider({ init: 1 });
    const executor = new BlockExecutor(provider);
    executor.secret = 'abc';
    scale(executor).start();
    expect(provider.requests).toMatchObject([{ command: '/bin/pool --block 0', secret: 'abc' }]);
    expect(statSync(join(runDir, 'submit_scripts')).mode & 0o777).toBe(0o700);
  });

  test('a label with other characters gives a valid name of its own', () => {
    const [a, b] = [new MemoryProvider({}), new MemoryProvider({})];
    scale(new BlockExecutor(a, 'my cpu')).start();
    scale(new BlockExecutor(b, 'my/cpu')).start();
    const names = [...a.requests, ...b.requests].map(({ name }) => name);
    expect(names[0]).toMatch(/^parsl\.my_cpu-[0-9a-f]{6}\.block-0$/);
    expect(names[1]).not.toBe(names[0]);
  });

  test('many tasks in one turn are looked into once', async () => {
    const provider = new MemoryProvider({ init: 0 });
    const executor = new BlockExecutor(provider);
    const scaler = scale(executor);
    scaler.start();
    let looks = 0;
    Object.defineProperty(executor, 'outstanding', { get: () => (looks++, 1000) });
    for (let task = 0; task < 1000; task++) {
      scaler.tasksChanged();
    }
    await vi.waitFor(() => {
      expect(provider.requests).toHaveLength(4);
    });
    expect(looks).toBeLessThan(100);
  });

  test.each<[string, () => Promise<JobId>]>([
    ['rejects', () => Promise.reject(new Error('partition is down'))],
    [
      'throws',
      () => {
        throw new Error('partition is down');
      },
    ],
    ['gives no id', () => Promise.resolve('')],
  ])('a provider that %s is asked again, later, under a new name', async (_, onSubmit) => {
    const provider = new MemoryProvider({});
    const takes = provider.onSubmit;
    provider.onSubmit = onSubmit;
    const scaler = scale(new BlockExecutor(provider));
    scaler.start();
    await vi.waitFor(() => {
      expect(scaler.report()[0]?.outcome).toBe('not-submitted');
    });
    expect(scaler.report()[0]?.error?.message).toMatch(/partition is down|gave no job id/);
    expect(provider.requests).toHaveLength(1);
    provider.onSubmit = takes;
    await vi.waitFor(
      () => {
        expect(scaler.report()[1]?.outcome).toBe('running');
      },
      { timeout: 20_000 },
    );
    expect(provider.requests.map(({ name }) => name)).toEqual(['parsl.cpu.block-0', 'parsl.cpu.block-1']);
    expect(fatal).not.toHaveBeenCalled();
  });
});

describe('asked how a block has ended', () => {
  const HOUR_MS = 3_600_000;

  async function withRunningBlock() {
    const provider = new MemoryProvider({});
    provider.pollIntervalMs = HOUR_MS;
    const executor = new BlockExecutor(provider);
    const scaler = scale(executor);
    scaler.start();
    await vi.waitFor(() => {
      expect(scaler.report()[0]?.jobId).toBe('job-0');
    });
    executor.register('0');
    return { provider, scaler };
  }

  test('it asks the scheduler out of turn, and tells what the job wrote', async () => {
    const { provider, scaler } = await withRunningBlock();
    const stderrPath = join(runDir, 'err');
    writeFileSync(stderrPath, 'Killed\n');
    provider.jobs.set('job-0', { state: 'failed', signal: 'SIGKILL', stderrPath });
    const questions = [scaler.blockEnd('0'), scaler.blockEnd('0')];
    for (const end of await Promise.all(questions)) {
      expect(end).toMatchObject({ jobId: 'job-0', status: { state: 'failed', signal: 'SIGKILL' } });
      expect(end?.error).toMatchObject({ stderr: 'Killed\n' });
    }
    expect(provider.statusCalls).toBe(1);
    await expect(scaler.blockEnd('0')).resolves.toMatchObject({ status: { state: 'failed' } });
    expect(provider.statusCalls).toBe(1);
  });

  test('there is none while its job goes on, or where there is no such block', async () => {
    const { provider, scaler } = await withRunningBlock();
    expect(await scaler.blockEnd('0')).toBeUndefined();
    expect(provider.statusCalls).toBe(1);
    expect(await scaler.blockEnd('manual')).toBeUndefined();
    provider.onStatus = () => Promise.reject(new Error('slurmctld is down'));
    expect(await scaler.blockEnd('0')).toBeUndefined();
    expect(provider.statusCalls).toBe(2);
  });

  test('a scheduler that does not answer is not waited for', { timeout: 20_000 }, async () => {
    const { provider, scaler } = await withRunningBlock();
    provider.onStatus = () => never();
    expect(await scaler.blockEnd('0')).toBeUndefined();
    const question = scaler.blockEnd('0');
    void scaler.close();
    expect(await question).toBeUndefined();
  });
});

describe('watching', () => {
  test('a lost block is replaced while tasks remain', async () => {
    const provider = new MemoryProvider({});
    const executor = new BlockExecutor(provider);
    executor.outstanding = 1;
    const scaler = scale(executor);
    scaler.start();
    await vi.waitFor(() => {
      expect(scaler.report()[0]?.jobId).toBe('job-0');
    });
    executor.register('0');
    await new Promise(setImmediate);
    provider.jobs.set('job-0', { state: 'timeout' });
    await vi.waitFor(() => {
      expect(scaler.report().map(({ outcome }) => outcome)).toEqual(['timeout', 'running']);
    });
  });

  test('a block that ends before any pool came is fatal, and shows what it wrote', async () => {
    const provider = new MemoryProvider({});
    const stdoutPath = join(runDir, 'out');
    const stderrPath = join(runDir, 'err');
    writeFileSync(stdoutPath, 'x'.repeat(100_000) + '\nloaded modules\n');
    writeFileSync(stderrPath, 'parsl-worker-pool: command not found\n');
    const scaler = scale(new BlockExecutor(provider));
    scaler.start();
    provider.jobs.set('job-0', { state: 'pending' });
    await new Promise(setImmediate);
    provider.jobs.set('job-0', { state: 'failed', exitCode: 127, stdoutPath, stderrPath });
    await vi.waitFor(() => {
      expect(fatal).toHaveBeenCalledOnce();
    });
    const error = fatal.mock.calls[0]?.[0];
    expect(error).toBeInstanceOf(TooManyJobFailuresError);
    expect(error?.message).toMatch(/block 0: job job-0 ended as failed .*exit code 127/);
    expect(error?.message).toContain('    loaded modules');
    expect(error?.message).toContain('    parsl-worker-pool: command not found');
    expect(error?.message.length).toBeLessThan(5000);
    expect(scaler.report()[0]?.outcome).toBe('missing');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(provider.requests).toHaveLength(1);
  });

  test('a block that fails is replaced at once if it had a pool; what it wrote may come later', async () => {
    const provider = new MemoryProvider({});
    const executor = new BlockExecutor(provider);
    executor.outstanding = 1;
    const scaler = scale(executor);
    scaler.start();
    await new Promise(setImmediate);
    executor.register('0');
    await new Promise(setImmediate);
    const stderrPath = join(runDir, 'late');
    provider.jobs.set('job-0', { state: 'failed', exitCode: 9, stderrPath });
    await vi.waitFor(
      () => {
        expect(provider.requests).toHaveLength(2);
      },
      { timeout: 20_000 },
    );
    expect(scaler.report()[0]).toMatchObject({ outcome: 'failed', error: undefined });
    writeFileSync(stderrPath, 'I was killed\n');
    await vi.waitFor(
      () => {
        expect(scaler.report()[0]?.error?.message).toMatch(/exit code 9[^]*I was killed/);
      },
      { timeout: 20_000 },
    );
  });

  test('while the output of blocks without a pool has not come, no other is submitted and nothing judged', async () => {
    const provider = new MemoryProvider({ init: 2 });
    const judged = vi.fn<BlockErrorHandler>();
    const executor = new BlockExecutor(provider, 'cpu', judged);
    executor.outstanding = 9;
    const scaler = scale(executor);
    scaler.start();
    await new Promise(setImmediate);
    const calls = provider.statusCalls;
    const stderrPath = join(runDir, 'late');
    provider.jobs.set('job-0', { state: 'failed', stderrPath });
    provider.jobs.set('job-1', { state: 'cancelled' });
    const requests = provider.requests.length;
    await vi.waitFor(() => {
      expect(scaler.report().filter(({ outcome }) => outcome === 'missing')).toHaveLength(2);
    });
    await vi.waitFor(() => {
      expect(provider.statusCalls).toBeGreaterThan(calls + 5);
    });
    expect(judged).not.toHaveBeenCalled();
    writeFileSync(stderrPath, 'no such module\n');
    await vi.waitFor(() => {
      expect(judged).toHaveBeenCalledOnce();
    });
    expect(judged.mock.calls[0]?.[0][0]?.error?.message).toContain('no such module');
    expect(provider.requests).toHaveLength(requests);
  });

  test('a handler of one’s own decides, once, and no block is submitted afterwards', async () => {
    const provider = new MemoryProvider({ init: 2, max: 2 });
    const handler: BlockErrorHandler = (blocks) => {
      if (blocks.some(({ outcome }) => outcome === 'cancelled')) {
        throw new Error('an administrator was here');
      }
    };
    const executor = new BlockExecutor(provider, 'cpu', handler);
    executor.outstanding = 10;
    scale(executor).start();
    await new Promise(setImmediate);
    executor.register('0');
    executor.register('1');
    await new Promise(setImmediate);
    provider.jobs.set('job-0', { state: 'cancelled' });
    await vi.waitFor(() => {
      expect(fatal).toHaveBeenCalledExactlyOnceWith(new Error('an administrator was here'));
    });
    provider.jobs.set('job-1', { state: 'cancelled' });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(provider.requests).toHaveLength(2);
    expect(fatal).toHaveBeenCalledOnce();
  });

  test('a scheduler that cannot be asked changes nothing, and is reported once and when it is back', async () => {
    const provider = new MemoryProvider({});
    const executor = new BlockExecutor(provider);
    executor.outstanding = 1;
    provider.onStatus = () => Promise.reject(new Error('slurmctld is down'));
    const scaler = scale(executor);
    scaler.start();
    await vi.waitFor(() => {
      expect(provider.statusCalls).toBeGreaterThan(3);
    });
    provider.onStatus = () => Promise.resolve();
    const calls = provider.statusCalls;
    await vi.waitFor(() => {
      expect(provider.statusCalls).toBeGreaterThan(calls + 2);
    });
    expect(scaler.report()).toMatchObject([{ outcome: 'running' }]);
    expect(lines.filter(({ message }) => message.startsWith('the scheduler'))).toEqual([
      { level: 'warn', message: 'the scheduler does not tell the states of blocks' },
      { level: 'info', message: 'the scheduler tells the states of blocks again' },
    ]);
  });

  test('a scheduler that takes no blocks is reported once, and the run goes on when it is back', async () => {
    const provider = new MemoryProvider({ init: 0 });
    const takes = provider.onSubmit;
    provider.onSubmit = ({ name }) =>
      Promise.reject(new SubmitError(name, 'connection refused', { unavailable: true }));
    const executor = new BlockExecutor(provider);
    executor.outstanding = 1;
    const scaler = scale(executor);
    scaler.start();
    await vi.waitFor(
      () => {
        expect(provider.requests).toHaveLength(2);
      },
      { timeout: 9000 },
    );
    provider.onSubmit = takes;
    await vi.waitFor(
      () => {
        expect(scaler.report().at(-1)?.outcome).toBe('running');
      },
      { timeout: 9000 },
    );
    expect(fatal).not.toHaveBeenCalled();
    expect(lines.filter(({ message }) => /not submitted|again/.test(message))).toEqual([
      { level: 'warn', message: 'block was not submitted' },
      { level: 'info', message: 'the scheduler takes blocks again' },
    ]);
  });

  test('states of some blocks that are not told are reported once, and the others count', async () => {
    const provider = new MemoryProvider({ init: 2 });
    const executor = new BlockExecutor(provider);
    executor.outstanding = 2;
    const scaler = scale(executor);
    scaler.start();
    await new Promise(setImmediate);
    executor.register('0');
    executor.register('1');
    await vi.waitFor(() => {
      expect(scaler.report().map(({ status }) => status?.state)).toEqual(['running', 'running']);
    });
    provider.jobs.delete('job-0');
    provider.jobs.set('job-1', { state: 'timeout' });
    await vi.waitFor(() => {
      expect(scaler.report().map(({ outcome }) => outcome)).toEqual(['running', 'timeout', 'running']);
    });
    provider.jobs.set('job-0', { state: 'running' });
    await vi.waitFor(() => {
      expect(lines.filter(({ message }) => message.startsWith('the scheduler'))).toEqual([
        { level: 'warn', message: 'the scheduler does not tell the states of blocks' },
        { level: 'info', message: 'the scheduler tells the states of blocks again' },
      ]);
    });
  });

  test('a provider that never answers about states still gets further blocks to run, and to cancel', async () => {
    const provider = new MemoryProvider({});
    provider.onStatus = never;
    const executor = new BlockExecutor(provider);
    const scaler = scale(executor);
    scaler.start();
    await vi.waitFor(() => {
      expect(provider.statusCalls).toBe(1);
    });
    executor.outstanding = 3;
    scaler.tasksChanged();
    await vi.waitFor(() => {
      expect(provider.requests).toHaveLength(3);
    });
    await scaler.close();
    expect(provider.cancelled).toEqual(['job-0', 'job-1', 'job-2']);
  });

  test('nothing is asked while there is no block', async () => {
    const provider = new MemoryProvider({ init: 0 });
    scale(new BlockExecutor(provider)).start();
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(provider.statusCalls).toBe(0);
  });
});

test('idle blocks are drained, then cancelled, and reported as scaled in', async () => {
  const provider = new MemoryProvider({ init: 2, min: 1 });
  const executor = new BlockExecutor(provider);
  const scaler = scale(executor, 'simple', 30);
  scaler.start();
  await new Promise(setImmediate);
  executor.register('0');
  executor.register('1');
  await vi.waitFor(() => {
    expect(provider.cancelled).toHaveLength(1);
  });
  expect(executor.drained.map((id) => `job-${id}`)).toEqual(provider.cancelled);
  await vi.waitFor(() => {
    expect(provider.jobs.get(provider.cancelled[0] ?? '')?.state).toBe('cancelled');
  });
  expect(
    scaler
      .report()
      .map(({ outcome }) => outcome)
      .sort(),
  ).toEqual(['running', 'scaled-in']);
  expect(fatal).not.toHaveBeenCalled();
});

describe('blocks that are given back', () => {
  const drained = new Map<string, () => void>();
  let provider: MemoryProvider;
  let executor: BlockExecutor;

  beforeEach(async () => {
    drained.clear();
    provider = new MemoryProvider({ init: 3 });
    executor = new BlockExecutor(provider);
    executor.outstanding = 1;
    executor.scaling.drainBlocks = (ids) => new Promise((resolve) => drained.set(ids.join(), resolve));
    vi.spyOn(provider, 'cancel');
    scale(executor, 'htex-auto-scale', 30).start();
    await new Promise(setImmediate);
    executor.register('0');
    executor.register('1');
    executor.register('2', 1);
    await vi.waitFor(() => {
      expect([...drained.keys()]).toEqual(['0', '1']);
    });
  });

  test('are not cancelled before what runs on them has ended, and do not wait for each other', async () => {
    const calls = provider.statusCalls;
    await vi.waitFor(() => {
      expect(provider.statusCalls).toBeGreaterThan(calls + 3);
    });
    expect(provider.cancelled).toEqual([]);
    drained.get('1')?.();
    await vi.waitFor(() => {
      expect(provider.cancelled).toEqual(['job-1']);
    });
    drained.get('0')?.();
    await vi.waitFor(() => {
      expect(provider.cancelled).toEqual(['job-1', 'job-0']);
    });
  });

  test('are cancelled with one command when they are ready at the same time', async () => {
    for (const resolve of drained.values()) resolve();
    await vi.waitFor(() => {
      expect(provider.cancelled).toEqual(['job-0', 'job-1']);
    });
    expect(provider.cancel).toHaveBeenCalledTimes(1);
  });
});

test('the slots of a block are those of all its nodes', async () => {
  const provider = Object.assign(new MemoryProvider({ init: 0, max: 9 }), { nodesPerBlock: 3 });
  const executor = new BlockExecutor(provider);
  Object.assign(executor.scaling, { workersPerNode: 4 });
  executor.outstanding = 25;
  scale(executor).start();
  await new Promise(setImmediate);
  expect(provider.requests).toHaveLength(3);
});

test('the log tells each change of a job, and that one is held', async () => {
  const provider = new MemoryProvider({ max: 1 });
  const executor = new BlockExecutor(provider);
  executor.outstanding = 1;
  const scaler = scale(executor);
  scaler.start();
  await new Promise(setImmediate);
  for (const state of ['held', 'pending', 'running', 'pending', 'timeout'] as const) {
    provider.jobs.set('job-0', { state });
    await vi.waitFor(() => {
      expect(scaler.report()[0]?.status?.state).toBe(state);
    });
    executor.register('0');
  }
  const told = lines.filter(({ message }) => /job of a block|ended/.test(message));
  // What follows is about the block that takes its place.
  expect(told.slice(0, 5)).toEqual([
    { level: 'warn', message: 'the job of a block is held: it does not start by itself' },
    { level: 'info', message: 'the job of a block is pending' },
    { level: 'info', message: 'the job of a block is running' },
    { level: 'info', message: 'the job of a block is pending' },
    { level: 'info', message: 'block ended' },
  ]);
});

describe('ending', () => {
  test('close cancels every block, also one whose submission is under way', async () => {
    const provider = new MemoryProvider({ init: 2 });
    let take: (id: JobId) => void = () => undefined;
    const takes = provider.onSubmit;
    provider.onSubmit = (request) =>
      request.name.endsWith('1') ? new Promise((resolve) => (take = resolve)) : takes(request);
    const scaler = scale(new BlockExecutor(provider));
    scaler.start();
    await new Promise(setImmediate);
    const closed = scaler.close();
    await vi.waitFor(() => {
      expect(provider.cancelled).toEqual(['job-0']);
    });
    take('job-1');
    await closed;
    expect(provider.cancelled).toEqual(['job-0', 'job-1']);
    expect(scaler.report().map(({ outcome }) => outcome)).toEqual(['scaled-in', 'scaled-in']);
    expect(scaler.close()).toBe(scaler.close());
    scaler.tasksChanged();
    await new Promise(setImmediate);
    expect(provider.requests).toHaveLength(2);
  });

  test.each<[string, () => Promise<CancelOutcome>]>([
    ['throws', () => Promise.reject(new Error('scancel: timeout'))],
    ['says failed', () => Promise.resolve('failed')],
  ])('close asks again when the provider %s, and does not reject', async (_, onCancel) => {
    const provider = new MemoryProvider({});
    const cancels = provider.onCancel;
    let asked = 0;
    provider.onCancel = () => (asked++ === 0 ? onCancel() : cancels());
    const scaler = scale(new BlockExecutor(provider));
    scaler.start();
    await new Promise(setImmediate);
    await scaler.close();
    expect(provider.cancelled).toEqual(['job-0']);
  });

  test('close does not end before a scheduler that is being started again has cancelled them', async () => {
    const provider = new MemoryProvider({});
    const cancels = provider.onCancel;
    provider.onCancel = () => Promise.reject(new Error('connection refused'));
    const scaler = scale(new BlockExecutor(provider));
    scaler.start();
    await new Promise(setImmediate);
    const closed = scaler.close();
    setTimeout(() => {
      provider.onCancel = cancels;
    }, 1000);
    await closed;
    expect(provider.cancelled).toEqual(['job-0']);
    expect(lines.filter(({ message }) => message.includes('cancel'))).toEqual([
      { level: 'warn', message: 'blocks were not cancelled' },
      { level: 'info', message: 'the scheduler cancels blocks again' },
    ]);
  });

  test('close gives up a scheduler that never answers, tells the provider, and says what is left', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const provider = new MemoryProvider({});
      const signals: (AbortSignal | undefined)[] = [];
      provider.cancel = (_, signal) => {
        signals.push(signal);
        return never();
      };
      const scaler = scale(new BlockExecutor(provider));
      scaler.start();
      await new Promise(setImmediate);
      const closed = scaler.close();
      await vi.advanceTimersByTimeAsync(29_000);
      expect(signals).toMatchObject([{ aborted: false }]);
      await vi.advanceTimersByTimeAsync(10_000);
      await closed;
      expect(signals[0]?.aborted).toBe(true);
      expect(lines.at(-1)).toEqual({ level: 'error', message: 'blocks may be left behind' });
    } finally {
      vi.useRealTimers();
    }
  });

  test('closeNow cancels before it returns', async () => {
    const provider = new MemoryProvider({ init: 3 });
    const scaler = scale(new BlockExecutor(provider));
    scaler.start();
    await new Promise(setImmediate);
    scaler.closeNow();
    expect(provider.cancelledNow).toEqual(['job-0', 'job-1', 'job-2']);
  });
});
