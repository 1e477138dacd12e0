import { describe, expect, it } from 'vitest';
import { quantile, spreadOf, summarize } from './statistics.js';

describe('a quantile', () => {
  it('is a sample, or lies between two of them', () => {
    expect(quantile([5, 1, 3], 0.5)).toBe(3);
    expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
    expect(quantile([10, 0], 0.99)).toBeCloseTo(9.9);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('does not depend on the order of the samples, and leaves it', () => {
    const samples = [10, 9, 100, 1];
    expect(quantile(samples, 1)).toBe(100);
    expect(samples).toEqual([10, 9, 100, 1]);
  });

  it('needs a sample', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

it('a summary has the median and the spread', () => {
  expect(summarize([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
});

it('a spread is half the way from the lowest to the highest, beside the median', () => {
  expect(spreadOf({ median: 20, min: 18, max: 28 })).toBeCloseTo(0.25);
  expect(spreadOf({ median: 0, min: 0, max: 0 })).toBe(0);
  expect(spreadOf({ median: 0, min: 0, max: 1 })).toBe(0);
});
