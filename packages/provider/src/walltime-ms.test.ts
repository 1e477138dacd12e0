import { expect, test } from 'vitest';
import { walltimeMs } from './walltime-ms.js';

test.each([
  ['00:00:01', 1000],
  ['01:30:05', 5_405_000],
  ['120:00:00', 432_000_000],
])('%s is %d ms', (walltime, ms) => {
  expect(walltimeMs(walltime)).toBe(ms);
});
