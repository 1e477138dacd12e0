import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SubmitError, type JobId } from '@parsl-ts/provider';
import { describe, expect, test, vi } from 'vitest';
import type { BlockErrorHandler } from '../executor.js';
import { BlockExecutor } from '../testing/block-executor.js';
import { MemoryProvider } from '../testing/memory-provider.js';
import { ScalerBench } from '../testing/scaler-bench.js';
import { TooManyJobFailuresError } from './too-many-job-failures-error.js';

const bench = ScalerBench.use();
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

describe('submitting', () => {
  test('the first block is asked for before start returns, in the run’s own directory', async () => {
    const provider = new MemoryProvider({ init: 2 });
    bench.scale(new BlockExecutor(provider)).start();
    const scriptDir = join(bench.runDir, 'submit_scripts');
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
    const scaler = bench.scale(new BlockExecutor(provider));
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
    expect(bench.fatal).not.toHaveBeenCalled();
  });

  test('a secret goes with the request, and the directory of the scripts is for this user only', () => {
    const provider = new MemoryProvider({ init: 1 });
    const executor = new BlockExecutor(provider);
    executor.secret = 'abc';
    bench.scale(executor).start();
    expect(provider.requests).toMatchObject([{ command: '/bin/pool --block 0', secret: 'abc' }]);
    expect(statSync(join(bench.runDir, 'submit_scripts')).mode & 0o777).toBe(0o700);
  });

  test('a label with other characters gives a valid name of its own', () => {
    const [a, b] = [new MemoryProvider({}), new MemoryProvider({})];
    bench.scale(new BlockExecutor(a, 'my cpu')).start();
    bench.scale(new BlockExecutor(b, 'my/cpu')).start();
    const names = [...a.requests, ...b.requests].map(({ name }) => name);
    expect(names[0]).toMatch(/^parsl\.my_cpu-[0-9a-f]{6}\.block-0$/);
    expect(names[1]).not.toBe(names[0]);
  });

  test('many tasks in one turn are looked into once', async () => {
    const provider = new MemoryProvider({ init: 0 });
    const executor = new BlockExecutor(provider);
    const scaler = bench.scale(executor);
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
    const scaler = bench.scale(new BlockExecutor(provider));
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
    expect(bench.fatal).not.toHaveBeenCalled();
  });
});

test('the slots of a block are those of all its nodes', async () => {
  const provider = Object.assign(new MemoryProvider({ init: 0, max: 9 }), { nodesPerBlock: 3 });
  const executor = new BlockExecutor(provider);
  Object.assign(executor.scaling, { workersPerNode: 4 });
  executor.outstanding = 25;
  bench.scale(executor).start();
  await new Promise(setImmediate);
  expect(provider.requests).toHaveLength(3);
});

describe('watching', () => {
  test('a lost block is replaced while tasks remain', async () => {
    const provider = new MemoryProvider({});
    const executor = new BlockExecutor(provider);
    executor.outstanding = 1;
    const scaler = bench.scale(executor);
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

  test('a block that ends before any pool came is bench.fatal, and shows what it wrote', async () => {
    const provider = new MemoryProvider({});
    const stdoutPath = join(bench.runDir, 'out');
    const stderrPath = join(bench.runDir, 'err');
    writeFileSync(stdoutPath, 'x'.repeat(100_000) + '\nloaded modules\n');
    writeFileSync(stderrPath, 'parsl-worker-pool: command not found\n');
    const scaler = bench.scale(new BlockExecutor(provider));
    scaler.start();
    provider.jobs.set('job-0', { state: 'pending' });
    await new Promise(setImmediate);
    provider.jobs.set('job-0', { state: 'failed', exitCode: 127, stdoutPath, stderrPath });
    await vi.waitFor(() => {
      expect(bench.fatal).toHaveBeenCalledOnce();
    });
    const error = bench.fatal.mock.calls[0]?.[0];
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
    const scaler = bench.scale(executor);
    scaler.start();
    await new Promise(setImmediate);
    executor.register('0');
    await new Promise(setImmediate);
    const stderrPath = join(bench.runDir, 'late');
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
    const scaler = bench.scale(executor);
    scaler.start();
    await new Promise(setImmediate);
    const calls = provider.statusCalls;
    const stderrPath = join(bench.runDir, 'late');
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
    bench.scale(executor).start();
    await new Promise(setImmediate);
    executor.register('0');
    executor.register('1');
    await new Promise(setImmediate);
    provider.jobs.set('job-0', { state: 'cancelled' });
    await vi.waitFor(() => {
      expect(bench.fatal).toHaveBeenCalledExactlyOnceWith(new Error('an administrator was here'));
    });
    provider.jobs.set('job-1', { state: 'cancelled' });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(provider.requests).toHaveLength(2);
    expect(bench.fatal).toHaveBeenCalledOnce();
  });

  test('a scheduler that cannot be asked changes nothing, and is reported once and when it is back', async () => {
    const provider = new MemoryProvider({});
    const executor = new BlockExecutor(provider);
    executor.outstanding = 1;
    provider.onStatus = () => Promise.reject(new Error('slurmctld is down'));
    const scaler = bench.scale(executor);
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
    expect(bench.lines.filter(({ message }) => message.startsWith('the scheduler'))).toEqual([
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
    const scaler = bench.scale(executor);
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
    expect(bench.fatal).not.toHaveBeenCalled();
    expect(bench.lines.filter(({ message }) => /not submitted|again/.test(message))).toEqual([
      { level: 'warn', message: 'block was not submitted' },
      { level: 'info', message: 'the scheduler takes blocks again' },
    ]);
  });

  test('states of some blocks that are not told are reported once, and the others count', async () => {
    const provider = new MemoryProvider({ init: 2 });
    const executor = new BlockExecutor(provider);
    executor.outstanding = 2;
    const scaler = bench.scale(executor);
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
      expect(bench.lines.filter(({ message }) => message.startsWith('the scheduler'))).toEqual([
        { level: 'warn', message: 'the scheduler does not tell the states of blocks' },
        { level: 'info', message: 'the scheduler tells the states of blocks again' },
      ]);
    });
  });

  test('a provider that never answers about states still gets further blocks to run, and to cancel', async () => {
    const provider = new MemoryProvider({});
    provider.onStatus = never;
    const executor = new BlockExecutor(provider);
    const scaler = bench.scale(executor);
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
    bench.scale(new BlockExecutor(provider)).start();
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(provider.statusCalls).toBe(0);
  });
});

test('the log tells each change of a job, and that one is held', async () => {
  const provider = new MemoryProvider({ max: 1 });
  const executor = new BlockExecutor(provider);
  executor.outstanding = 1;
  const scaler = bench.scale(executor);
  scaler.start();
  await new Promise(setImmediate);
  for (const state of ['held', 'pending', 'running', 'pending', 'timeout'] as const) {
    provider.jobs.set('job-0', { state });
    await vi.waitFor(() => {
      expect(scaler.report()[0]?.status?.state).toBe(state);
    });
    executor.register('0');
  }
  const told = bench.lines.filter(({ message }) => /job of a block|ended/.test(message));
  // What follows is about the block that takes its place.
  expect(told.slice(0, 5)).toEqual([
    { level: 'warn', message: 'the job of a block is held: it does not start by itself' },
    { level: 'info', message: 'the job of a block is pending' },
    { level: 'info', message: 'the job of a block is running' },
    { level: 'info', message: 'the job of a block is pending' },
    { level: 'info', message: 'block ended' },
  ]);
});
