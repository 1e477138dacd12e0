import { expect, test } from 'vitest';

import { parseOptions } from './options.js';

test('three sizes by default, up to a million workers', () => {
  const { sizes, encrypted, processes } = parseOptions([]);
  expect(sizes).toEqual([
    { managers: 2048, workersEach: 32 },
    { managers: 8192, workersEach: 32 },
    { managers: 16_384, workersEach: 64 },
  ]);
  expect(encrypted).toBe(false);
  expect(processes).toBeUndefined();
});

test('one number of workers is for all sizes', () => {
  expect(parseOptions(['--managers', '8,16', '--workers', '4']).sizes).toEqual([
    { managers: 8, workersEach: 4 },
    { managers: 16, workersEach: 4 },
  ]);
  expect(parseOptions(['--managers', '8,16', '--workers', '4,2']).sizes[1]).toEqual({
    managers: 16,
    workersEach: 2,
  });
});

test.each([
  [['--managers', '8,x'], "--managers takes whole numbers from 1 on, not 'x'"],
  [['--tasks', '1.5'], "--tasks takes whole numbers from 1 on, not '1.5'"],
  [['--answer-ms', ''], "--answer-ms takes whole numbers from 0 on, not ''"],
  [['--managers', '8,16', '--workers', '1,2,3'], '--workers has 3 numbers and --managers 2'],
])('%j is refused', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});
