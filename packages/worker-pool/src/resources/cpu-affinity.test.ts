import { describe, expect, test } from 'vitest';

import { coresOfWorkers, openMpEnvironment, parseCoreList, type CpuAffinity } from './cpu-affinity.js';

const eight = [0, 1, 2, 3, 4, 5, 6, 7];

describe('cores of workers', () => {
  test.each<[CpuAffinity, readonly number[], number, unknown]>([
    ['none', eight, 2, undefined],
    [
      'block',
      eight,
      2,
      [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
      ],
    ],
    [
      'block',
      eight,
      3,
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
    ],
    [
      'block-reverse',
      eight,
      2,
      [
        [4, 5, 6, 7],
        [0, 1, 2, 3],
      ],
    ],
    [
      'block-reverse',
      eight,
      3,
      [
        [6, 7],
        [4, 5],
        [2, 3],
      ],
    ],
    [
      'alternating',
      eight,
      2,
      [
        [0, 2, 4, 6],
        [1, 3, 5, 7],
      ],
    ],
    [
      'alternating',
      eight,
      3,
      [
        [0, 3],
        [1, 4],
        [2, 5],
      ],
    ],
    [
      'block',
      [4, 6, 9, 11],
      2,
      [
        [4, 6],
        [9, 11],
      ],
    ],
    ['list:0-2,7:3', eight, 2, [[0, 1, 2, 7], [3]]],
  ])('%s of %j for %i', (affinity, cores, workers, expected) => {
    expect(coresOfWorkers(affinity, cores, workers)).toEqual(expected);
  });

  test('are refused when there are fewer cores than workers', () => {
    expect(() => coresOfWorkers('block', [0, 1], 3)).toThrow('2 cores for 3 workers');
  });

  test('are refused when the lists are not one per worker', () => {
    expect(() => coresOfWorkers('list:0:1', eight, 3)).toThrow('for 2 workers, and there are 3');
  });
});

test.each(['', 'a', '3-1', '1-', '-1', '1,,2', '0-99999'])('%j is no list of cores', (text) => {
  expect(() => parseCoreList(text)).toThrow('not a list of cores');
});

test('OpenMP is told', () => {
  expect(openMpEnvironment([2, 3])).toEqual({
    OMP_NUM_THREADS: '2',
    GOMP_CPU_AFFINITY: '2 3',
    KMP_AFFINITY: 'explicit,proclist=[2,3]',
  });
});
