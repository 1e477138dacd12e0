import { describe, expect, it } from 'vitest';
import type { Ratio } from '../ratios.js';
import { compareRatio } from './compare.js';
import { formatComparison } from './guard.js';

const figure = { subject: 'a', measure: 'speed', figure: 'rate' };
const ratio = (better: Ratio['better']): Ratio => ({
  name: better,
  title: `the ${better} the better`,
  of: figure,
  to: figure,
  better,
  guarded: true,
});
const around = (median: number, spread = 0.05) => ({
  median,
  min: median * (1 - spread),
  max: median * (1 + spread),
});

describe('a ratio is clearly worse', () => {
  it.each([
    ['a fifth lower', 'higher', around(0.4), true],
    ['a tenth lower', 'higher', around(0.45, 0.01), false],
    ['a fifth lower, but not at its best', 'higher', around(0.4, 0.3), false],
    ['much higher', 'higher', around(1), false],
    ['a quarter higher, where that is bad', 'lower', around(0.625), true],
    ['a tenth higher, where that is bad', 'lower', around(0.55), false],
    ['much lower, where that is good', 'lower', around(0.1), false],
  ] as const)('%s', (_, better, now, worse) => {
    expect(compareRatio(ratio(better), now, around(0.5)).worse).toBe(worse);
  });

  it('never without a baseline', () => {
    expect(compareRatio(ratio('higher'), around(0.01), undefined)).toMatchObject({ worse: false, gain: 0 });
  });
});

it('says what has changed, and warns', () => {
  const compared = [
    compareRatio(ratio('higher'), around(0.3), around(0.5)),
    compareRatio(ratio('lower'), around(1), around(1.5)),
    compareRatio({ ...ratio('higher'), title: 'another' }, around(2), undefined),
  ];
  const machine = { node: 'v20.1.2', cpu: 'some', cores: 2 };
  expect(formatComparison(compared, { date: '2026-01-02T03:04:05.678Z', ...machine, ratios: {} })).toBe(
    [
      'Ratios to the bare pipe, beside the baseline (2026-01-02, Node.js v20.1.2, 2 cores)',
      '                               now   baseline   better by',
      '  the higher the better   0.30 ±5%   0.50 ±5%        −40%   worse',
      '  the lower the better     1.0 ±5%    1.5 ±5%        +50%',
      '  another                  2.0 ±5%          –         new',
      '',
      'Warning: clearly worse than the baseline: the higher the better',
    ].join('\n'),
  );
});
