import { describe, expect, test } from 'vitest';
import { BLOCK_OPTIONS, blockLimits } from './block-options.js';
import { checkOptions } from './check-options.js';

const limits = (options: object) => blockLimits('P', checkOptions('P', options, BLOCK_OPTIONS));

describe('blockLimits', () => {
  test.each([
    [{}, { init: 1, min: 0, max: 1, parallelism: 1, maxSubmissionsPerMinute: 100 }],
    [{ initBlocks: 3 }, { init: 3, min: 0, max: 3 }],
    [{ minBlocks: 2 }, { init: 2, min: 2, max: 2 }],
    [{ maxBlocks: 0 }, { init: 0, min: 0, max: 0 }],
    [{ maxSubmissionsPerMinute: 6 }, { maxSubmissionsPerMinute: 6 }],
    [
      { initBlocks: 0, maxBlocks: 5, parallelism: 0.5 },
      { init: 0, min: 0, max: 5, parallelism: 0.5 },
    ],
  ])('%j → %j', (options, expected) => {
    expect(limits(options)).toMatchObject(expected);
  });

  test('more blocks than the maximum are refused', () => {
    expect(() => limits({ minBlocks: 3, maxBlocks: 2 })).toThrow(
      "option 'minBlocks' of P is 3, more than 'maxBlocks', which is 2",
    );
    expect(() => limits({ initBlocks: 3, maxBlocks: 2 })).toThrow("option 'initBlocks' of P is 3");
  });

  test('a launcher is recognised by what it does', () => {
    expect(() => limits({ launcher: 'srun' })).toThrow(
      "option 'launcher' of P must be a Launcher, not 'srun'",
    );
  });
});
