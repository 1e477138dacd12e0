import { beforeEach, describe, expect, test } from 'vitest';
import { BlockBench, IDLE_MS } from '../testing/block-bench.js';

describe('first blocks', () => {
  test.each(['none', 'simple', 'htex-auto-scale'] as const)(
    '%s submits them at once, without tasks',
    (strategy) => {
      const bench = new BlockBench({ init: 3 }, strategy);
      expect(bench.submit()).toEqual(['0', '1', '2']);
      expect(bench.submit()).toEqual([]);
    },
  );

  test('one task gets exactly one block', () => {
    const bench = new BlockBench({});
    bench.tasks = 1;
    expect(bench.submit()).toEqual(['0']);
    expect(bench.submit()).toEqual([]);
    bench.register('0');
    expect(bench.submit()).toEqual([]);
  });

  test('many are submitted a few at a time', () => {
    const bench = new BlockBench({ init: 20, max: 20 });
    expect(bench.decide().submit).toEqual(['0']);
    expect(bench.decide().submit).toEqual([]);
    bench.machine.submitted('0', 'job-0');
    expect(bench.decide().submit).toHaveLength(8);
    expect(bench.decide().submit).toEqual([]);
    bench.machine.submitted('1', 'job-1');
    expect(bench.decide().submit).toHaveLength(1);
  });

  test('none does not replace them', () => {
    const bench = new BlockBench({ init: 1 }, 'none');
    bench.tasks = 5;
    bench.submit();
    bench.register('0');
    bench.job('0', 'timeout');
    expect(bench.submit()).toEqual([]);
  });
});

describe('limits', () => {
  test('submissions under way count towards the maximum', () => {
    const bench = new BlockBench({ max: 3 });
    bench.tasks = 100;
    expect(bench.decide().submit).toHaveLength(1);
    bench.machine.submitted('0', 'job-0');
    expect(bench.decide().submit).toHaveLength(2);
    expect(bench.decide().submit).toEqual([]);
  });

  test('a held job counts towards the maximum, but its slots do not', () => {
    const bench = new BlockBench({ max: 2 });
    bench.tasks = 1;
    bench.submit();
    bench.job('0', 'held');
    expect(bench.submit()).toEqual(['1']);
    bench.job('1', 'held');
    expect(bench.submit()).toEqual([]);
  });

  test('min is made up for when a block is lost, without any task', () => {
    const bench = new BlockBench({ init: 2, min: 2 }, 'none');
    bench.submit();
    bench.register('0');
    bench.register('1');
    bench.job('1', 'timeout');
    expect(bench.submit()).toEqual(['2']);
  });

  test('a block that ends by its walltime is replaced while tasks remain', () => {
    const bench = new BlockBench({ init: 1 });
    bench.tasks = 1;
    bench.submit();
    bench.register('0');
    bench.job('0', 'timeout');
    expect(bench.submit()).toEqual(['1']);
  });
});

describe('a block that is requeued', () => {
  let bench: BlockBench;
  beforeEach(() => {
    bench = new BlockBench({ max: 2 });
    bench.tasks = 2;
    bench.submit();
    for (const id of ['0', '1']) {
      bench.job(id, 'running');
      bench.register(id, { tasks: 1, idleSince: undefined });
    }
    // Preempted: the pool is lost, its task waits to be tried again, the job is back in the queue.
    bench.pools.delete('0');
    bench.machine.activity(bench.pools);
    bench.job('0', 'pending');
  });

  test('keeps its place: it is neither replaced nor taken for lost', () => {
    expect(bench.decide()).toMatchObject({ submit: [], drain: [], cancel: [] });
    expect(bench.machine.reports()[0]).toMatchObject({ outcome: 'pending', registered: true });
    bench.job('0', 'running');
    expect(bench.submit()).toEqual([]);
    expect(bench.machine.jobs()).toHaveLength(2);
  });

  test('counts again with its new pool, and may be given back', () => {
    bench.job('0', 'running');
    bench.now = 500;
    bench.register('0');
    bench.register('1');
    bench.tasks = 0;
    expect(bench.decide().wakeAt).toBe(500 + IDLE_MS);
    bench.now = 500 + IDLE_MS;
    expect(bench.decide().drain).toEqual(['0', '1']);
  });

  test('may wait again for long without being given back while there is work', () => {
    const auto = new BlockBench({ init: 2, max: 2 }, 'htex-auto-scale');
    auto.tasks = 2;
    auto.submit();
    auto.register('1', { tasks: 1, idleSince: undefined });
    auto.job('0', 'running');
    auto.job('0', 'pending');
    auto.now = 100 * IDLE_MS;
    expect(auto.decide()).toMatchObject({ submit: [], drain: [] });
  });

  test('is replaced when it ends for good', () => {
    bench.job('0', 'running');
    bench.job('0', 'timeout');
    expect(bench.submit()).toEqual(['2']);
    expect(bench.outcomes()['0']).toBe('timeout');
  });
});

describe('jobs', () => {
  test('a terminal state stays', () => {
    const bench = new BlockBench({ init: 1 });
    bench.submit();
    bench.register('0');
    bench.job('0', 'failed');
    bench.job('0', 'completed');
    bench.job('0', 'running');
    expect(bench.outcomes()).toEqual({ 0: 'failed' });
    expect(bench.machine.jobs()).toEqual([]);
  });

  test('whatever ends without any pool is missing', () => {
    for (const state of ['completed', 'failed', 'timeout', 'cancelled'] as const) {
      const bench = new BlockBench({ init: 1 });
      bench.submit();
      bench.job('0', state);
      expect(bench.machine.reports()[0]).toMatchObject({
        outcome: 'missing',
        status: { state },
        jobId: 'job-0',
      });
    }
  });

  test('a submission that comes through after the end is to be cancelled', () => {
    const bench = new BlockBench({ init: 1 });
    bench.decide();
    bench.machine.giveUpAll();
    bench.machine.submitted('0', 'late');
    expect(bench.machine.jobs()).toEqual([{ blockId: '0', jobId: 'late' }]);
    expect(bench.decide().cancel).toEqual([{ blockId: '0', jobId: 'late' }]);
  });

  test('any order of events keeps to the limits', () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
    for (let round = 0; round < 60; round++) {
      const bench = new BlockBench(
        { init: 2, min: 1, max: 4 },
        round % 2 === 0 ? 'simple' : 'htex-auto-scale',
      );
      const draining: string[] = [];
      for (let step = 0; step < 200; step++) {
        bench.now += random() * 400;
        bench.tasks = Math.max(0, Math.round(bench.tasks + (random() - 0.5) * 6));
        const { submit, drain, cancel } = bench.decide();
        draining.push(...drain);
        for (const id of submit) {
          if (random() < 0.2) {
            bench.machine.submitFailed(id, new Error('no'), bench.now);
          } else {
            bench.machine.submitted(id, `job-${id}`);
          }
        }
        for (const { blockId } of cancel) {
          bench.machine.cancelOutcome(
            blockId,
            pick(['cancelled', 'failed', 'gone'] as const) ?? 'gone',
            bench.now,
          );
        }
        const job = pick(bench.machine.jobs());
        if (job !== undefined) {
          if (random() < 0.5) {
            bench.register(job.blockId);
          } else {
            bench.job(
              job.blockId,
              pick(['pending', 'running', 'held', 'failed', 'timeout', 'cancelled'] as const) ?? 'running',
            );
          }
        }
        bench.machine.drained(draining.splice(0, random() < 0.5 ? draining.length : 0));
      }
    }
  });
});
