import { beforeEach, describe, expect, test } from 'vitest';
import { BlockBench } from '../testing/block-bench.js';

describe('a job that runs without any pool', () => {
  let bench: BlockBench;
  beforeEach(() => {
    bench = new BlockBench({ init: 1 });
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
