import { beforeEach, describe, expect, test } from 'vitest';
import { BlockBench, IDLE_MS } from '../testing/block-bench.js';

describe('giving blocks back', () => {
  let bench: BlockBench;
  beforeEach(() => {
    bench = new BlockBench({ init: 3, min: 1 });
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
    const small = new BlockBench({ init: 1, max: 1 });
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
    const late = new BlockBench({ init: 3, min: 2 });
    late.submit();
    late.register('0');
    late.register('2');
    late.decide();
    late.now = IDLE_MS * 5;
    expect(late.decide().drain).toEqual(['1']);
  });

  test('htex-auto-scale gives back single idle blocks, the longest idle first, never a busy one', () => {
    const tail = new BlockBench({ init: 3 }, 'htex-auto-scale');
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
    const busy = new BlockBench({ init: 1 });
    busy.submit();
    busy.register('0', { tasks: 1, idleSince: 0 });
    busy.decide();
    busy.now = 10 * IDLE_MS;
    expect(busy.decide().drain).toEqual([]);
    busy.register('0', { tasks: 0, idleSince: 0 });
    expect(busy.decide().drain).toEqual(['0']);
  });

  test('htex-auto-scale keeps a queued block through a short lull', () => {
    const lull = new BlockBench({ init: 2 }, 'htex-auto-scale');
    lull.tasks = 2;
    lull.submit();
    lull.now = 50_000;
    lull.tasks = 1;
    expect(lull.decide()).toMatchObject({ drain: [], wakeAt: 50_000 + IDLE_MS });
  });
});

describe('several blocks', () => {
  test('blocks that end by their walltime all at once are replaced, within the maximum', () => {
    const bench = new BlockBench({ max: 4 });
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
    const bench = new BlockBench({ max: 4 });
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
    const bench = new BlockBench({ max: 9 });
    bench.slots = 6;
    bench.tasks = 13;
    expect(bench.submit()).toEqual(['0', '1', '2']);
    bench.tasks = 18;
    expect(bench.submit()).toEqual([]);
    bench.tasks = 19;
    expect(bench.submit()).toEqual(['3']);
  });

  test('htex-auto-scale gives back whole blocks only, as many as the tasks do not need', () => {
    const bench = new BlockBench({ init: 4 }, 'htex-auto-scale');
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
    const bench = new BlockBench({ init: 3, max: 4 }, 'htex-auto-scale');
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
