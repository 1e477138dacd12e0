import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CancelOutcome, JobId } from '@parsl-ts/provider';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { BlockExecutor } from '../testing/block-executor.js';
import { MemoryProvider } from '../testing/memory-provider.js';
import { ScalerBench } from '../testing/scaler-bench.js';

const bench = ScalerBench.use();
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

describe('asked how a block has ended', () => {
  const HOUR_MS = 3_600_000;

  async function withRunningBlock() {
    const provider = new MemoryProvider({});
    provider.pollIntervalMs = HOUR_MS;
    const executor = new BlockExecutor(provider);
    const scaler = bench.scale(executor);
    scaler.start();
    await vi.waitFor(() => {
      expect(scaler.report()[0]?.jobId).toBe('job-0');
    });
    executor.register('0');
    return { provider, scaler };
  }

  test('it asks the scheduler out of turn, and tells what the job wrote', async () => {
    const { provider, scaler } = await withRunningBlock();
    const stderrPath = join(bench.runDir, 'err');
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

test('idle blocks are drained, then cancelled, and reported as scaled in', async () => {
  const provider = new MemoryProvider({ init: 2, min: 1 });
  const executor = new BlockExecutor(provider);
  const scaler = bench.scale(executor, 'simple', 30);
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
  expect(bench.fatal).not.toHaveBeenCalled();
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
    bench.scale(executor, 'htex-auto-scale', 30).start();
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

describe('ending', () => {
  test('close cancels every block, also one whose submission is under way', async () => {
    const provider = new MemoryProvider({ init: 2 });
    let take: (id: JobId) => void = () => undefined;
    const takes = provider.onSubmit;
    provider.onSubmit = (request) =>
      request.name.endsWith('1') ? new Promise((resolve) => (take = resolve)) : takes(request);
    const scaler = bench.scale(new BlockExecutor(provider));
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
    const scaler = bench.scale(new BlockExecutor(provider));
    scaler.start();
    await new Promise(setImmediate);
    await scaler.close();
    expect(provider.cancelled).toEqual(['job-0']);
  });

  test('close does not end before a scheduler that is being started again has cancelled them', async () => {
    const provider = new MemoryProvider({});
    const cancels = provider.onCancel;
    provider.onCancel = () => Promise.reject(new Error('connection refused'));
    const scaler = bench.scale(new BlockExecutor(provider));
    scaler.start();
    await new Promise(setImmediate);
    const closed = scaler.close();
    setTimeout(() => {
      provider.onCancel = cancels;
    }, 1000);
    await closed;
    expect(provider.cancelled).toEqual(['job-0']);
    expect(bench.lines.filter(({ message }) => message.includes('cancel'))).toEqual([
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
      const scaler = bench.scale(new BlockExecutor(provider));
      scaler.start();
      await new Promise(setImmediate);
      const closed = scaler.close();
      await vi.advanceTimersByTimeAsync(29_000);
      expect(signals).toMatchObject([{ aborted: false }]);
      await vi.advanceTimersByTimeAsync(10_000);
      await closed;
      expect(signals[0]?.aborted).toBe(true);
      expect(bench.lines.at(-1)).toEqual({ level: 'error', message: 'blocks may be left behind' });
    } finally {
      vi.useRealTimers();
    }
  });

  test('closeNow cancels before it returns', async () => {
    const provider = new MemoryProvider({ init: 3 });
    const scaler = bench.scale(new BlockExecutor(provider));
    scaler.start();
    await new Promise(setImmediate);
    scaler.closeNow();
    expect(provider.cancelledNow).toEqual(['job-0', 'job-1', 'job-2']);
  });
});
