import { expect, test } from 'vitest';
import { scriptEnd, signalName } from './exit-status.js';

test('signals have names', () => {
  expect([1, 6, 9, 15, 0, 99].map(signalName)).toEqual([
    'SIGHUP',
    'SIGABRT',
    'SIGKILL',
    'SIGTERM',
    undefined,
    undefined,
  ]);
});

test.each([
  [0, { state: 'completed', exitCode: 0 }],
  [1, { state: 'failed', exitCode: 1 }],
  [128, { state: 'failed', exitCode: 128 }],
  [137, { state: 'failed', exitCode: 137, signal: 'SIGKILL' }],
  [255, { state: 'failed', exitCode: 255 }],
])('a script that ends with %i', (exitCode, status) => {
  expect(scriptEnd(exitCode)).toEqual(status);
});
