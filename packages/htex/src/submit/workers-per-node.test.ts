import { expect, test } from 'vitest';

import { expectedWorkersPerNode } from './workers-per-node.js';

const limits = {
  ...{ coresPerWorker: 1, memPerWorkerGb: undefined, maxWorkersPerNode: undefined },
  accelerators: [] as string[],
};

test.each([
  ['nothing is known', undefined, {}, 1],
  ['cores', { cores: 8 }, {}, 8],
  ['cores per worker', { cores: 8 }, { coresPerWorker: 3 }, 2],
  ['half a core', { cores: 2 }, { coresPerWorker: 0.5 }, 4],
  ['memory', { cores: 8, memoryGb: 10 }, { memPerWorkerGb: 4 }, 2],
  ['memory without a need', { cores: 8, memoryGb: 10 }, {}, 8],
  ['at most', { cores: 8 }, { maxWorkersPerNode: 3 }, 3],
  ['at most, cores not known', {}, { maxWorkersPerNode: 3 }, 3],
  ['devices', { cores: 8 }, { accelerators: ['0', '1'] }, 2],
  ['at least one', { cores: 1 }, { coresPerWorker: 4 }, 1],
])('%s', (_what, node, changes, workers) => {
  expect(expectedWorkersPerNode(node, { ...limits, ...changes })).toBe(workers);
});
