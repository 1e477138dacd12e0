import { availableParallelism, totalmem } from 'node:os';
import { expect, test } from 'vitest';

import { nodeResources } from './node-resources.js';

const nothing = () => undefined;

test('are those of the host if nothing limits them', () => {
  expect(nodeResources({}, nothing)).toEqual({
    cores: availableParallelism(),
    memoryGb: totalmem() / 2 ** 30,
  });
});

test('are what the environment says', () => {
  expect(nodeResources({ PARSL_CORES: '3', PARSL_MEMORY_GB: '1.5' }, nothing)).toEqual({
    cores: 3,
    memoryGb: 1.5,
  });
});

test.each(['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'])(
  'heed %s',
  (limit) => {
    const read = (path: string) => (path === limit ? String(2 ** 29) : undefined);
    expect(nodeResources({}, read).memoryGb).toBe(0.5);
  },
);

test.each(['max', '9223372036854771712', ''])('take a limit of %j for none', (text) => {
  expect(nodeResources({}, () => text).memoryGb).toBe(totalmem() / 2 ** 30);
});

test.each(['0', '-1', 'four'])('refuse PARSL_CORES=%s', (text) => {
  expect(() => nodeResources({ PARSL_CORES: text }, nothing)).toThrow(`PARSL_CORES is '${text}'`);
});
