import { describe, expect, test } from 'vitest';
import { blocksWanted, type ScalingNumbers, type ScalingStrategy } from './strategy.js';

interface Case extends Partial<Omit<ScalingNumbers, 'limits'>> {
  readonly min?: number;
  readonly max?: number;
  readonly parallelism?: number;
}

function wanted(strategy: ScalingStrategy, given: Case): number {
  const { tasks = 0, blocks = 0, slotsPerBlock = 1, min = 0, max = 20, parallelism = 1 } = given;
  const limits = { init: 0, min, max, parallelism };
  return blocksWanted(strategy, { tasks, blocks, occupied: given.occupied ?? blocks, slotsPerBlock, limits });
}

describe.each(['simple', 'htex-auto-scale'] as const)('%s', (strategy) => {
  test.each([
    [14, 48, 1],
    [1, 1, 1],
    [100, 1, 20],
    [47, 48, 1],
    [48, 48, 1],
    [49, 48, 2],
    [149, 50, 3],
  ])(
    '%i tasks on blocks of %i slots need %i blocks, and no more or fewer then',
    (tasks, slotsPerBlock, expected) => {
      expect(wanted(strategy, { tasks, slotsPerBlock })).toBe(expected);
      expect(wanted(strategy, { tasks, slotsPerBlock, blocks: expected })).toBe(0);
    },
  );

  test.each([
    [0.5, 10, 5],
    [0.1, 70, 7],
    [0.1, 71, 8],
    [0, 1000, 1],
  ])('with a parallelism of %d, %i tasks need %i blocks of one slot', (parallelism, tasks, expected) => {
    expect(wanted(strategy, { tasks, parallelism })).toBe(expected);
    expect(wanted(strategy, { tasks, parallelism, blocks: expected })).toBe(0);
  });

  test('without tasks all blocks above the minimum may go', () => {
    expect(wanted(strategy, { blocks: 5, min: 2 })).toBe(-3);
    expect(wanted(strategy, { blocks: 2, min: 2 })).toBe(0);
    expect(wanted(strategy, { blocks: 0 })).toBe(0);
  });

  test('never more blocks than the maximum, those on their way out included', () => {
    expect(wanted(strategy, { tasks: 100, blocks: 2, occupied: 3, max: 4 })).toBe(1);
    expect(wanted(strategy, { tasks: 100, blocks: 2, occupied: 4, max: 4 })).toBe(0);
    expect(wanted(strategy, { tasks: 100, blocks: 0, occupied: 5, max: 4 })).toBe(0);
  });

  test('more tasks never want fewer blocks', () => {
    for (const parallelism of [0, 0.3, 1]) {
      for (let blocks = 0; blocks < 6; blocks++) {
        let before = -Infinity;
        for (let tasks = 0; tasks < 60; tasks++) {
          const now = wanted(strategy, { tasks, blocks, slotsPerBlock: 7, parallelism, max: 6 });
          expect(now).toBeGreaterThanOrEqual(before);
          expect(blocks + now).toBeLessThanOrEqual(6);
          expect(blocks + now).toBeGreaterThanOrEqual(tasks > 0 ? 1 : 0);
          before = now;
        }
      }
    }
  });
});

describe.each(['none', 'simple', 'htex-auto-scale'] as const)('%s', (strategy) => {
  test('the minimum is made up for, with and without tasks', () => {
    expect(wanted(strategy, { blocks: 1, min: 3 })).toBe(2);
    expect(wanted(strategy, { blocks: 1, min: 3, tasks: 1 })).toBe(2);
    expect(wanted(strategy, { blocks: 1, min: 3, occupied: 2, max: 3 })).toBe(1);
  });
});

test('simple gives no block back while there are tasks', () => {
  expect(wanted('simple', { tasks: 1, blocks: 5 })).toBe(0);
});

test('htex-auto-scale gives back the blocks that no task needs', () => {
  expect(wanted('htex-auto-scale', { tasks: 1, blocks: 5 })).toBe(-4);
  expect(wanted('htex-auto-scale', { tasks: 1, blocks: 5, min: 3 })).toBe(-2);
  expect(wanted('htex-auto-scale', { tasks: 50, blocks: 3, slotsPerBlock: 48 })).toBe(-1);
  expect(wanted('htex-auto-scale', { tasks: 9, blocks: 4, parallelism: 0 })).toBe(-3);
});

test('none neither adds nor gives back for the sake of tasks', () => {
  expect(wanted('none', { tasks: 100 })).toBe(0);
  expect(wanted('none', { blocks: 4 })).toBe(0);
});
