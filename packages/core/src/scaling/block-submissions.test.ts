import { SubmitError } from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';
import { BlockBench } from '../testing/block-bench.js';
import { simpleErrorHandler } from './block-error-handlers.js';
import { SubmissionRate } from './submission-rate.js';

describe('back-off', () => {
  test('a refused submission is tried again later and later, and not by more tasks', () => {
    const bench = new BlockBench({ init: 1 });
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
    const bench = new BlockBench({ init: 4 });
    bench.machine.submitted(bench.decide().submit[0] ?? '', 'job-0');
    for (const id of bench.decide().submit) {
      bench.machine.submitFailed(id, new Error('no'), bench.now);
    }
    bench.now = 1_000_000;
    expect(bench.decide().submit).toEqual(['4']);
    bench.machine.submitted('4', 'job-4');
    expect(bench.decide().submit).toEqual(['5', '6']);
  });

  test.each([
    ['does not answer', { unavailable: true }, 60_000],
    ['refuses', {}, 1_500],
  ])(
    'a scheduler that %s from the start is tried with one block at a time, however many are wanted',
    (_, options, patienceMs) => {
      const bench = new BlockBench({ init: 8 });
      const error = new SubmitError('b', 'no', options);
      const judge = () => {
        simpleErrorHandler(bench.machine.reports(), bench.limits);
      };
      bench.tasks = 100;
      for (let judged = false; !judged;) {
        const { submit } = bench.decide();
        expect(submit).toHaveLength(1);
        bench.machine.submitFailed(submit[0] ?? '', error, bench.now);
        try {
          judge();
        } catch {
          judged = true;
        }
        bench.now = judged ? bench.now : (bench.decide().wakeAt ?? NaN);
      }
      expect(bench.now).toBeGreaterThanOrEqual(patienceMs);
    },
  );

  test('submissions that fail together delay the next one as one does', () => {
    const bench = new BlockBench({ init: 9 });
    bench.machine.submitted(bench.decide().submit[0] ?? '', 'job-0');
    const { submit } = bench.decide();
    expect(submit).toHaveLength(8);
    for (const id of submit) {
      bench.machine.submitFailed(id, new Error('no'), bench.now++);
    }
    expect(bench.decide()).toMatchObject({ submit: [], wakeAt: 1000 });
  });

  test('blocks that die before any pool has registered are replaced slowly, one at a time', () => {
    const bench = new BlockBench({ init: 3 });
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
    const bench = new BlockBench({ init: 1 }, 'none');
    bench.decide();
    bench.machine.submitFailed('0', new Error('no'), bench.now);
    bench.now = 1_000_000;
    expect(bench.submit()).toEqual(['1']);
    expect(bench.outcomes()).toEqual({ 0: 'not-submitted', 1: 'pending' });
  });
});

describe('the rate of submissions', () => {
  test('is kept to, and the machine wakes up when there may be more', () => {
    const bench = new BlockBench({ max: 10, maxSubmissionsPerMinute: 3 });
    bench.tasks = 10;
    expect(bench.submit()).toEqual(['0', '1', '2']);
    expect(bench.decide()).toMatchObject({ submit: [], wakeAt: 60_000 });
    bench.now = 59_999;
    expect(bench.submit()).toEqual([]);
    bench.now = 60_000;
    expect(bench.submit()).toEqual(['3', '4', '5']);
  });

  test('counts submissions that were refused', () => {
    const bench = new BlockBench({ max: 10, maxSubmissionsPerMinute: 2 });
    bench.tasks = 10;
    for (const now of [0, 30_000]) {
      bench.now = now;
      const [id = ''] = bench.decide().submit;
      bench.machine.submitFailed(id, new Error('no'), bench.now);
    }
    bench.now = 40_000;
    expect(bench.decide()).toMatchObject({ submit: [], wakeAt: 60_000 });
  });

  test('one executor finds it used up by another', () => {
    const rate = new SubmissionRate(1);
    const [one, other] = [
      new BlockBench({ init: 1 }, 'simple', rate),
      new BlockBench({ init: 1 }, 'simple', rate),
    ];
    expect(one.submit()).toEqual(['0']);
    expect(other.decide()).toMatchObject({ submit: [], wakeAt: 60_000 });
  });
});
