import type { BlockLimits, JobState } from '@parsl-ts/provider';
import { beforeEach, describe, expect, test } from 'vitest';
import type { BlockActivity } from '../executor.js';
import { BlockMachine, type BlockInstructions } from './block-machine.js';
import type { ScalingStrategy } from './strategy.js';
import { SubmissionRate } from './submission-rate.js';

const IDLE_MS = 1000;

/** A machine with a clock, and pools that do what the test says. After each step the invariants are checked. */
class Bench {
  readonly machine: BlockMachine;
  readonly limits: BlockLimits;
  readonly pools = new Map<string, BlockActivity>();
  now = 0;
  tasks = 0;
  slots = 1;

  constructor(
    limits: Partial<BlockLimits>,
    strategy: ScalingStrategy = 'simple',
    rate = new SubmissionRate(limits.maxSubmissionsPerMinute),
  ) {
    this.limits = { init: 0, min: 0, max: 10, parallelism: 1, ...limits };
    this.machine = new BlockMachine({
      limits: this.limits,
      strategy,
      rate,
      maxIdleTimeMs: IDLE_MS,
      random: () => 1,
    });
  }

  decide(): BlockInstructions {
    const instructions = this.machine.decide(this.now, this.tasks, this.slots, () => this.pools);
    const outcomes = this.machine
      .reports()
      .filter(({ outcome }) => ['pending', 'running', 'held'].includes(outcome));
    expect(outcomes.length).toBeLessThanOrEqual(this.limits.max);
    expect(instructions.wakeAt ?? Infinity).toBeGreaterThan(this.now);
    return instructions;
  }

  /** Decides and has the scheduler take whatever is submitted. */
  submit(): readonly string[] {
    const { submit } = this.decide();
    for (const id of submit) {
      this.machine.submitted(id, `job-${id}`);
    }
    return submit;
  }

  register(id: string, activity: Partial<BlockActivity> = {}): void {
    this.pools.set(id, { managers: 1, workers: 1, tasks: 0, idleSince: this.now, ...activity });
    this.machine.activity(this.pools);
  }

  job(id: string, state: JobState): void {
    if (this.machine.jobStatus(id, { state }, this.now)) {
      this.machine.explained(id, new Error('it wrote nothing'));
    }
  }

  closed(blocks: Record<string, 'draining' | 'held'>): void {
    this.machine.closed(new Map(Object.entries(blocks)));
  }

  outcomes(): Record<string, string> {
    return Object.fromEntries(this.machine.reports().map(({ blockId, outcome }) => [blockId, outcome]));
  }
}

describe('first blocks', () => {
  test.each(['none', 'simple', 'htex-auto-scale'] as const)(
    '%s submits them at once, without tasks',
    (strategy) => {
      const bench = new Bench({ init: 3 }, strategy);
      expect(bench.decide().submit).toEqual(['0', '1', '2']);
      expect(bench.decide().submit).toEqual([]);
    },
  );

  test('one task gets exactly one block', () => {
    const bench = new Bench({});
    bench.tasks = 1;
    expect(bench.submit()).toEqual(['0']);
    expect(bench.submit()).toEqual([]);
    bench.register('0');
    expect(bench.submit()).toEqual([]);
  });

  test('many are submitted a few at a time', () => {
    const bench = new Bench({ init: 20, max: 20 });
    const first = bench.decide().submit;
    expect(first.length).toBeLessThan(20);
    expect(bench.decide().submit).toEqual([]);
    bench.machine.submitted('0', 'job-0');
    expect(bench.decide().submit).toHaveLength(1);
  });

  test('none does not replace them', () => {
    const bench = new Bench({ init: 1 }, 'none');
    bench.tasks = 5;
    bench.submit();
    bench.register('0');
    bench.job('0', 'timeout');
    expect(bench.submit()).toEqual([]);
  });
});

describe('limits', () => {
  test('submissions under way count towards the maximum', () => {
    const bench = new Bench({ max: 3 });
    bench.tasks = 100;
    expect(bench.decide().submit).toHaveLength(3);
    expect(bench.decide().submit).toEqual([]);
  });

  test('a held job counts towards the maximum, but its slots do not', () => {
    const bench = new Bench({ max: 2 });
    bench.tasks = 1;
    bench.submit();
    bench.job('0', 'held');
    expect(bench.submit()).toEqual(['1']);
    bench.job('1', 'held');
    expect(bench.submit()).toEqual([]);
  });

  test('min is made up for when a block is lost, without any task', () => {
    const bench = new Bench({ init: 2, min: 2 }, 'none');
    bench.submit();
    bench.register('0');
    bench.register('1');
    bench.job('1', 'timeout');
    expect(bench.submit()).toEqual(['2']);
  });

  test('a block that ends by its walltime is replaced while tasks remain', () => {
    const bench = new Bench({ init: 1 });
    bench.tasks = 1;
    bench.submit();
    bench.register('0');
    bench.job('0', 'timeout');
    expect(bench.submit()).toEqual(['1']);
  });
});

describe('back-off', () => {
  test('a refused submission is tried again later and later, and not by more tasks', () => {
    const bench = new Bench({ init: 1 });
    const delays: number[] = [];
    bench.tasks = 1;
    for (let attempt = 0; attempt < 12; attempt++) {
      const { submit } = bench.decide();
      expect(submit).toEqual([String(attempt)]);
      bench.machine.submitFailed(String(attempt), new Error('no'), bench.now);
      bench.tasks += 10;
      const again = bench.decide();
      expect(again.submit).toEqual([]);
      delays.push((again.wakeAt ?? NaN) - bench.now);
      bench.now = again.wakeAt ?? NaN;
    }
    expect(delays.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(delays.at(-1)).toBe(300_000);
  });

  test('while the scheduler refuses, one submission at a time is tried; when it takes one, all are', () => {
    const bench = new Bench({ init: 4 });
    const [first = ''] = bench.decide().submit;
    bench.machine.submitFailed(first, new Error('no'), bench.now);
    for (const id of ['1', '2', '3']) {
      bench.machine.submitFailed(id, new Error('no'), bench.now);
    }
    bench.now = 1_000_000;
    expect(bench.decide().submit).toEqual(['4']);
    bench.machine.submitted('4', 'job-4');
    expect(bench.decide().submit).toEqual(['5', '6', '7']);
  });

  test('blocks that die before any pool has registered are replaced slowly, one at a time', () => {
    const bench = new Bench({ init: 3 });
    bench.tasks = 3;
    bench.submit();
    for (const id of ['0', '1', '2']) {
      bench.job(id, 'failed');
    }
    expect(bench.outcomes()).toEqual({ 0: 'missing', 1: 'missing', 2: 'missing' });
    expect(bench.submit()).toEqual([]);
    bench.now = 1_000_000;
    expect(bench.submit()).toEqual(['3']);
    expect(bench.submit()).toEqual([]);
    bench.register('3');
    expect(bench.submit()).toEqual(['4', '5']);
  });

  test('the first blocks are asked for until they are there, also by none', () => {
    const bench = new Bench({ init: 1 }, 'none');
    bench.decide();
    bench.machine.submitFailed('0', new Error('no'), bench.now);
    bench.now = 1_000_000;
    expect(bench.submit()).toEqual(['1']);
    expect(bench.outcomes()).toEqual({ 0: 'not-submitted', 1: 'pending' });
  });
});

describe('the rate of submissions', () => {
  test('is kept to, and the machine wakes up when there may be more', () => {
    const bench = new Bench({ max: 10, maxSubmissionsPerMinute: 3 });
    bench.tasks = 10;
    expect(bench.submit()).toEqual(['0', '1', '2']);
    expect(bench.decide()).toMatchObject({ submit: [], wakeAt: 60_000 });
    bench.now = 59_999;
    expect(bench.submit()).toEqual([]);
    bench.now = 60_000;
    expect(bench.submit()).toEqual(['3', '4', '5']);
  });

  test('counts submissions that were refused', () => {
    const bench = new Bench({ max: 10, maxSubmissionsPerMinute: 2 });
    bench.tasks = 10;
    for (const id of bench.decide().submit) {
      bench.machine.submitFailed(id, new Error('no'), bench.now);
    }
    bench.now = 30_000;
    expect(bench.decide()).toMatchObject({ submit: [], wakeAt: 60_000 });
  });

  test('one executor finds it used up by another', () => {
    const rate = new SubmissionRate(1);
    const [one, other] = [new Bench({ init: 1 }, 'simple', rate), new Bench({ init: 1 }, 'simple', rate)];
    expect(one.submit()).toEqual(['0']);
    expect(other.decide()).toMatchObject({ submit: [], wakeAt: 60_000 });
  });
});

describe('giving blocks back', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench({ init: 3, min: 1 });
    bench.tasks = 3;
    bench.submit();
    for (const id of ['0', '1', '2']) {
      bench.register(id, { tasks: 1, idleSince: undefined });
    }
    expect(bench.decide()).toEqual({ submit: [], drain: [], cancel: [], lonely: [], wakeAt: undefined });
  });

  /** All tasks end at this moment. */
  function finish(): void {
    bench.tasks = 0;
    for (const id of bench.pools.keys()) {
      bench.register(id);
    }
  }

  test('after the idle time, down to the minimum, drained before they are cancelled', () => {
    finish();
    expect(bench.decide()).toMatchObject({ drain: [], wakeAt: IDLE_MS });
    bench.now = IDLE_MS - 1;
    expect(bench.decide().drain).toEqual([]);
    bench.now = IDLE_MS;
    const { drain, cancel } = bench.decide();
    expect(drain).toHaveLength(2);
    expect(cancel).toEqual([]);
    expect(bench.decide()).toMatchObject({ drain: [], cancel: [] });
    bench.machine.drained(drain);
    const jobs = drain.map((blockId) => ({ blockId, jobId: `job-${blockId}` }));
    expect(bench.decide().cancel).toEqual(jobs);
    expect(bench.decide().cancel).toEqual([]);
  });

  test('tasks that come in time keep them, and the idle time starts anew', () => {
    finish();
    bench.decide();
    bench.now = 900;
    bench.tasks = 1;
    bench.decide();
    bench.tasks = 0;
    bench.now = 950;
    expect(bench.decide().wakeAt).toBe(950 + IDLE_MS);
  });

  test('a scaled-in block is neither missing nor failed, however its job ends', () => {
    finish();
    bench.decide();
    bench.now = IDLE_MS;
    const [first = '', second = ''] = bench.decide().drain;
    bench.job(first, 'failed');
    bench.machine.drained([second]);
    bench.decide();
    bench.machine.cancelOutcome(second, 'cancelled', bench.now);
    bench.job(second, 'cancelled');
    expect(Object.values(bench.outcomes()).sort()).toEqual(['pending', 'scaled-in', 'scaled-in']);
    bench.tasks = 3;
    expect(bench.submit()).toHaveLength(2);
  });

  test('a block on its way out counts towards the maximum until its job has ended', () => {
    const small = new Bench({ init: 1, max: 1 });
    small.submit();
    small.decide();
    small.now = IDLE_MS;
    expect(small.decide().drain).toEqual(['0']);
    small.tasks = 1;
    small.machine.drained(['0']);
    expect(small.submit()).toEqual([]);
    small.machine.cancelOutcome('0', 'cancelled', small.now);
    expect(small.submit()).toEqual([]);
    small.job('0', 'cancelled');
    expect(small.submit()).toEqual(['1']);
  });

  test('a cancellation that failed is asked again after a while', () => {
    finish();
    bench.decide();
    bench.now = IDLE_MS;
    const { drain } = bench.decide();
    bench.machine.drained(drain);
    const [first] = bench.decide().cancel;
    bench.machine.cancelOutcome(first?.blockId ?? '', 'failed', bench.now);
    const { cancel, wakeAt } = bench.decide();
    expect(cancel).toEqual([]);
    bench.now = wakeAt ?? NaN;
    expect(bench.decide().cancel).toEqual([first]);
    bench.machine.cancelOutcome(first?.blockId ?? '', 'gone', bench.now);
    expect(bench.outcomes()[first?.blockId ?? '']).toBe('scaled-in');
  });

  test('a job that does not end although its cancellation was taken is asked again much later', () => {
    finish();
    bench.decide();
    bench.now = IDLE_MS;
    bench.machine.drained(bench.decide().drain);
    const [first, second] = bench.decide().cancel;
    for (const { blockId } of [first, second].filter((job) => job !== undefined)) {
      bench.machine.cancelOutcome(blockId, 'cancelled', bench.now);
    }
    bench.job(second?.blockId ?? '', 'cancelled');
    expect(bench.decide()).toMatchObject({ cancel: [], wakeAt: IDLE_MS + 60_000 });
    bench.now = IDLE_MS + 60_000;
    expect(bench.decide().cancel).toEqual([first]);
  });

  test('blocks without a pool go first', () => {
    const late = new Bench({ init: 3, min: 2 });
    late.submit();
    late.register('0');
    late.register('2');
    late.decide();
    late.now = IDLE_MS * 5;
    expect(late.decide().drain).toEqual(['1']);
  });

  test('htex-auto-scale gives back single idle blocks, the longest idle first, never a busy one', () => {
    const tail = new Bench({ init: 3 }, 'htex-auto-scale');
    tail.tasks = 3;
    tail.submit();
    tail.register('0', { tasks: 1, idleSince: undefined });
    tail.register('1', { idleSince: 500 });
    tail.register('2', { idleSince: 200 });
    tail.tasks = 1;
    tail.now = 600;
    expect(tail.decide()).toMatchObject({ drain: [], wakeAt: 200 + IDLE_MS });
    tail.now = 200 + IDLE_MS;
    expect(tail.decide().drain).toEqual(['2']);
    tail.now = 10_000;
    expect(tail.decide().drain).toEqual(['1']);
    expect(tail.decide().drain).toEqual([]);
  });

  test('a block that holds tasks is not idle, whatever else its pools say', () => {
    const busy = new Bench({ init: 1 });
    busy.submit();
    busy.register('0', { tasks: 1, idleSince: 0 });
    busy.decide();
    busy.now = 10 * IDLE_MS;
    expect(busy.decide().drain).toEqual([]);
    busy.register('0', { tasks: 0, idleSince: 0 });
    expect(busy.decide().drain).toEqual(['0']);
  });

  test('htex-auto-scale keeps a queued block through a short lull', () => {
    const lull = new Bench({ init: 2 }, 'htex-auto-scale');
    lull.tasks = 2;
    lull.submit();
    lull.now = 50_000;
    lull.tasks = 1;
    expect(lull.decide()).toMatchObject({ drain: [], wakeAt: 50_000 + IDLE_MS });
  });
});

describe('several blocks', () => {
  test('blocks that end by their walltime all at once are replaced, within the maximum', () => {
    const bench = new Bench({ max: 4 });
    bench.tasks = 9;
    for (const id of bench.submit()) {
      bench.job(id, 'running');
      bench.register(id, { tasks: 1, idleSince: undefined });
    }
    bench.job('1', 'timeout');
    bench.job('2', 'timeout');
    bench.job('3', 'timeout');
    bench.pools.delete('1');
    bench.pools.delete('2');
    bench.pools.delete('3');
    expect(bench.decide().submit).toEqual(['4', '5', '6']);
    // While these are under way, another one ends.
    bench.job('0', 'timeout');
    expect(bench.decide().submit).toEqual(['7']);
    expect(bench.decide().submit).toEqual([]);
  });

  test('those that end by their walltime when no work remains are not replaced', () => {
    const bench = new Bench({ max: 4 });
    bench.tasks = 4;
    bench.submit().forEach((id) => {
      bench.register(id);
    });
    bench.tasks = 1;
    for (const id of ['0', '1', '2', '3']) {
      bench.job(id, 'timeout');
    }
    expect(bench.submit()).toEqual(['4']);
    bench.register('4');
    bench.tasks = 0;
    bench.job('4', 'timeout');
    expect(bench.submit()).toEqual([]);
  });

  test('a block has the slots of all its nodes', () => {
    const bench = new Bench({ max: 9 });
    bench.slots = 6;
    bench.tasks = 13;
    expect(bench.submit()).toEqual(['0', '1', '2']);
    bench.tasks = 18;
    expect(bench.submit()).toEqual([]);
    bench.tasks = 19;
    expect(bench.submit()).toEqual(['3']);
  });

  test('htex-auto-scale gives back whole blocks only, as many as the tasks do not need', () => {
    const bench = new Bench({ init: 4 }, 'htex-auto-scale');
    bench.slots = 6;
    bench.tasks = 24;
    bench.submit();
    // All of the pools of a block are one block: one busy node keeps it.
    bench.register('0', { managers: 2, workers: 6, tasks: 1, idleSince: undefined });
    bench.register('1', { managers: 2, workers: 6, tasks: 6, idleSince: undefined });
    bench.register('2', { managers: 2, workers: 6 });
    bench.register('3', { managers: 2, workers: 6 });
    bench.tasks = 7;
    bench.now = IDLE_MS;
    expect(bench.decide().drain).toEqual(['2', '3']);
    expect(bench.outcomes()).toEqual({ 0: 'pending', 1: 'pending', 2: 'scaled-in', 3: 'scaled-in' });
  });

  test('tasks that come while blocks drain get new ones, within the maximum', () => {
    const bench = new Bench({ init: 3, max: 4 }, 'htex-auto-scale');
    bench.tasks = 1;
    bench.submit();
    bench.register('0', { tasks: 1, idleSince: undefined });
    bench.register('1');
    bench.register('2');
    bench.now = IDLE_MS;
    expect(bench.decide().drain).toEqual(['1', '2']);
    bench.tasks = 4;
    expect(bench.submit()).toEqual(['3']);
    bench.machine.drained(['1', '2']);
    bench.decide();
    bench.job('1', 'cancelled');
    bench.job('2', 'cancelled');
    expect(bench.submit()).toEqual(['4', '5']);
  });
});

describe('a block that is requeued', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench({ max: 2 });
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
    const auto = new Bench({ init: 2, max: 2 }, 'htex-auto-scale');
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

describe('a job that runs without any pool', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench({ init: 1 });
    bench.tasks = 1;
    bench.submit();
  });

  const lonely = (): readonly string[] => bench.decide().lonely.map(({ blockId }) => blockId);

  test('is told once, after a minute', () => {
    bench.now = 500_000;
    expect(lonely()).toEqual([]);
    bench.job('0', 'running');
    expect(bench.decide()).toMatchObject({ lonely: [], wakeAt: 560_000 });
    bench.now = 560_000;
    expect(lonely()).toEqual(['0']);
    bench.now = 900_000;
    expect(lonely()).toEqual([]);
  });

  test('is not told of when a pool came in time, and is when all were lost', () => {
    bench.job('0', 'running');
    expect(lonely()).toEqual([]);
    bench.register('0');
    bench.now = 100_000;
    expect(bench.decide()).toMatchObject({ lonely: [], wakeAt: undefined });
    bench.pools.clear();
    bench.machine.activity(bench.pools);
    expect(lonely()).toEqual([]);
    bench.now = 160_000;
    expect(lonely()).toEqual(['0']);
  });

  test('is told again after it was requeued', () => {
    bench.job('0', 'running');
    lonely();
    bench.now = 60_000;
    expect(lonely()).toEqual(['0']);
    bench.job('0', 'pending');
    bench.now = 200_000;
    expect(lonely()).toEqual([]);
    bench.job('0', 'running');
    expect(lonely()).toEqual([]);
    bench.now = 260_000;
    expect(lonely()).toEqual(['0']);
  });
});

describe('jobs', () => {
  test('a terminal state stays', () => {
    const bench = new Bench({ init: 1 });
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
      const bench = new Bench({ init: 1 });
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
    const bench = new Bench({ init: 1 });
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
      const bench = new Bench({ init: 2, min: 1, max: 4 }, round % 2 === 0 ? 'simple' : 'htex-auto-scale');
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

describe('a block of which no pool gets tasks', () => {
  const withBlock = (limits: Partial<BlockLimits>, strategy: ScalingStrategy = 'simple') => {
    const bench = new Bench({ init: 1, ...limits }, strategy);
    bench.tasks = 1;
    bench.submit();
    bench.job('0', 'running');
    bench.register('0', { tasks: 1, idleSince: undefined });
    expect(bench.submit()).toEqual([]);
    return bench;
  };

  test('and that ends by itself is replaced while it does, and left alone', () => {
    const bench = withBlock({ max: 2 });
    bench.closed({ '0': 'draining' });
    expect(bench.decide()).toMatchObject({ submit: ['1'], drain: [], cancel: [] });
    bench.machine.submitted('1', 'job-1');
    bench.job('0', 'completed');
    expect(bench.submit()).toEqual([]);
    expect(bench.outcomes()).toEqual({ '0': 'completed', '1': 'pending' });
  });

  test('is replaced after its end where there may be no other beside it', () => {
    const bench = withBlock({ max: 1 });
    bench.closed({ '0': 'draining' });
    expect(bench.submit()).toEqual([]);
    bench.job('0', 'completed');
    bench.closed({});
    expect(bench.submit()).toEqual(['1']);
  });

  test.each(['none', 'simple', 'htex-auto-scale'] as const)('and stays is given back (%s)', (strategy) => {
    const bench = withBlock({ min: 1, max: 2 }, strategy);
    bench.closed({ '0': 'held' });
    expect(bench.decide()).toMatchObject({ submit: ['1'], drain: ['0'], cancel: [] });
    expect(bench.decide()).toMatchObject({ drain: [] });
    bench.machine.drained(['0']);
    expect(bench.decide().cancel).toEqual([{ blockId: '0', jobId: 'job-0' }]);
    bench.job('0', 'cancelled');
    expect(bench.outcomes()).toEqual({ '0': 'scaled-in', '1': 'pending' });
  });

  test('counts again when another pool of it comes', () => {
    const bench = withBlock({ max: 1 });
    bench.closed({ '0': 'draining' });
    bench.decide();
    bench.closed({});
    bench.tasks = 2;
    expect(bench.decide().submit).toEqual([]);
    bench.job('0', 'failed');
    expect(bench.outcomes()).toEqual({ '0': 'failed' });
  });
});

describe('tasks for which no block has time enough', () => {
  const withBlocks = (count: number, limits: Partial<BlockLimits>, strategy: ScalingStrategy = 'simple') => {
    const bench = new Bench({ init: count, ...limits }, strategy);
    bench.tasks = 1;
    for (const id of bench.submit()) {
      bench.job(id, 'running');
      bench.register(id);
    }
    bench.machine.needsFreshBlock(true);
    return bench;
  };

  test('get one, however many slots there are', () => {
    const bench = withBlocks(2, { max: 4 }, 'htex-auto-scale');
    expect(bench.decide()).toMatchObject({ submit: ['2'], drain: [] });
    expect(bench.decide().submit).toEqual([]);
    bench.machine.submitted('2', 'job-2');
    expect(bench.decide()).toMatchObject({ submit: [], drain: [] });
    bench.register('2');
    expect(bench.decide().submit).toEqual(['3']);
  });

  test('get the place of a block that is idle', () => {
    const bench = withBlocks(2, { max: 2 });
    bench.register('0', { tasks: 1, idleSince: undefined });
    expect(bench.decide()).toMatchObject({ submit: [], drain: ['1'] });
    expect(bench.decide()).toMatchObject({ submit: [], drain: [] });
    bench.machine.drained(['1']);
    bench.decide();
    bench.job('1', 'cancelled');
    expect(bench.decide().submit).toEqual(['2']);
  });

  test('wait while all blocks are busy, and where blocks are not scaled', () => {
    const busy = withBlocks(1, { max: 1 });
    busy.register('0', { tasks: 1, idleSince: undefined });
    expect(busy.decide()).toMatchObject({ submit: [], drain: [] });
    const fixed = withBlocks(1, { max: 2 }, 'none');
    expect(fixed.decide()).toMatchObject({ submit: [], drain: [] });
  });
});
