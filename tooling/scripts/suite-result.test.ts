import { describe, expect, it } from 'vitest';
import { countsLine, phaseResult, total } from './suite-result.mjs';

const none = { suite: 'none', passed: 0, failed: [], skipped: [], unsteady: [] };
const good = {
  suite: 'good',
  passed: 3,
  failed: [],
  skipped: [{ name: 'on the moon', reason: 'no moon here' }],
  unsteady: [{ name: 'on a boat', reason: 'waves' }],
};
const bad = { suite: 'bad', passed: 1, failed: ['a', 'b'], skipped: [], unsteady: [] };

describe('the sum over suites', () => {
  it('counts what passed, failed and was skipped, and says where', () => {
    const sum = total([good, bad]);
    expect(countsLine(sum)).toBe('4 passed, 2 failed, 1 skipped');
    expect(sum.failed).toEqual(['bad: a', 'bad: b']);
    expect(sum.skipped).toEqual([{ name: 'good: on the moon', reason: 'no moon here' }]);
    expect(sum.unsteady).toEqual([{ name: 'good: on a boat', reason: 'waves' }]);
  });

  it('takes a suite that ran nothing for a failure', () => {
    expect(total([good, none]).failed).toEqual(['none: ran nothing']);
    const onlySkipped = { ...good, passed: 0 };
    expect(total([onlySkipped]).failed).toEqual(['good: ran nothing']);
  });
});

describe('a phase', () => {
  it('without a suite counts as one', () => {
    expect(phaseResult(good, 'x', 0, undefined).passed).toBe(4);
    expect(phaseResult(good, 'x', 3, undefined).failed).toEqual(['x ended with exit code 3']);
  });

  it('with a suite counts only if it failed for a reason that the suite does not show', () => {
    expect(phaseResult(none, 'x', 0, good)).toEqual(none);
    expect(phaseResult(none, 'x', 1, bad)).toEqual(none);
    expect(phaseResult(none, 'x', 1, good).failed).toEqual(['x ended with exit code 1']);
  });
});
