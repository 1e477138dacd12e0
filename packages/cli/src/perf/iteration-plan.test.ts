import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';

import { iterationPlan, nextTasks, type IterationPlan, type PastIteration } from './iteration-plan.js';

/** The sizes of the iterations on a site that takes `msOf(tasks)`. */
function sizes(plan: IterationPlan, timeMs: number, msOf: (tasks: number) => number): number[] {
  const past: PastIteration[] = [];
  for (;;) {
    const tasks = nextTasks(plan, timeMs, past);
    if (tasks === undefined) return past.map((iteration) => iteration.tasks);
    past.push({ tasks, runMs: msOf(tasks) });
    if (past.length > 100) throw new Error('it does not end');
  }
}

describe('an estimate', () => {
  test('fills the time with the second iteration on a steady site', () => {
    expect(sizes('estimate', 1000, (tasks) => tasks / 2)).toEqual([10, 2000]);
  });

  test('grows again and again where a beginning is slow', () => {
    const found = sizes('estimate', 1000, (tasks) => 50 + tasks / 100);
    expect(found).toEqual([10, 200, 3847, 43_484, 89_688]);
    expect(50 + found.at(-1)! / 100).toBeGreaterThan(750);
  });

  test('is good enough at three quarters of the time, and not below', () => {
    expect(sizes('estimate', 1000, (tasks) => (tasks === 10 ? 1 : 750))).toEqual([10, 10_000]);
    expect(nextTasks('estimate', 1000, [{ tasks: 10_000, runMs: 749 }])).toBe(13_352);
  });

  test('ends after the first iteration where that takes long enough', () => {
    expect(sizes('estimate', 1000, () => 5000)).toEqual([10]);
  });

  test('always grows, also where the clock has not moved', () => {
    expect(nextTasks('estimate', 1000, [{ tasks: 10, runMs: 0 }])).toBe(10_000_000);
  });
});

test('exponential iterations double until one takes longer than the time', () => {
  expect(sizes('exponential', 100, (tasks) => tasks)).toEqual([10, 20, 40, 80, 160]);
  expect(sizes('exponential', 80, (tasks) => tasks)).toEqual([10, 20, 40, 80, 160]);
});

test('a list is run as it is, whatever the time', () => {
  expect(sizes([5, 1, 5], 1, () => 1000)).toEqual([5, 1, 5]);
});

test.each<[string, IterationPlan]>([
  ['estimate', 'estimate'],
  ['exponential', 'exponential'],
  ['7', [7]],
  ['10, 1e3,10', [10, 1000, 10]],
])('--iterate %s', (text, plan) => {
  expect(iterationPlan(text)).toEqual(plan);
});

test.each(['', 'estimated', '10,', '10,,20', '0', '1.5', '-1', '10;20', 'Infinity'])(
  '--iterate %j makes no sense',
  (text) => {
    expect(() => iterationPlan(text)).toThrow(InvalidArgumentError);
  },
);
