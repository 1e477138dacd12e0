import { expect, test } from 'vitest';

import { workerCount } from './worker-count.js';

const node = { cores: 8, memoryGb: 16 };
const demand = {
  coresPerWorker: 1,
  memPerWorkerGb: undefined,
  maxWorkersPerNode: undefined,
  accelerators: undefined,
};

test.each([
  ['one per core', {}, 8],
  ['cores per worker, rounded down', { coresPerWorker: 3 }, 2],
  ['several on a core', { coresPerWorker: 0.5 }, 16],
  ['memory', { memPerWorkerGb: 5 }, 3],
  ['the limit', { maxWorkersPerNode: 2 }, 2],
  ['devices', { accelerators: 4 }, 4],
  ['no devices are no limit', { accelerators: 0 }, 8],
  ['the least of all', { coresPerWorker: 2, memPerWorkerGb: 6, maxWorkersPerNode: 3, accelerators: 4 }, 2],
  ['none', { coresPerWorker: 9 }, 0],
])('%s', (_what, change, expected) => {
  expect(workerCount(node, { ...demand, ...change })).toBe(expected);
});

test('what is not known of a node bounds nothing', () => {
  expect(workerCount({}, demand)).toBe(Infinity);
  expect(workerCount({ cores: 3 }, { ...demand, memPerWorkerGb: 4 })).toBe(3);
  expect(workerCount({ memoryGb: 9 }, { ...demand, memPerWorkerGb: 4 })).toBe(2);
});
