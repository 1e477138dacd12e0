import type { BlockLimits } from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';
import { BlockBench } from '../testing/block-bench.js';
import type { ScalingStrategy } from './strategy.js';

describe('a block of which no pool gets tasks', () => {
  const withBlock = (limits: Partial<BlockLimits>, strategy: ScalingStrategy = 'simple') => {
    const bench = new BlockBench({ init: 1, ...limits }, strategy);
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
    const bench = new BlockBench({ init: count, ...limits }, strategy);
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
