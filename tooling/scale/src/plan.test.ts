import { expect, test } from 'vitest';

import { planSimulators } from './plan.js';

const plenty = { descriptors: 1_048_576, ports: 28_232 };

test('every manager is simulated once, by processes of about the same size with addresses of their own', () => {
  const plans = planSimulators({ managers: 10_001, workersEach: 32 }, plenty);
  expect(plans.map(({ managers }) => managers)).toEqual([3333, 3334, 3334]);
  expect(plans.map(({ sourceAddress }) => sourceAddress)).toEqual(['127.0.0.2', '127.0.0.3', '127.0.0.4']);
  expect(planSimulators({ managers: 8, workersEach: 4 }, plenty)).toHaveLength(1);
});

test('as many processes as are asked for', () => {
  expect(planSimulators({ managers: 8, workersEach: 4 }, plenty, 4).map(({ managers }) => managers)).toEqual([
    2, 2, 2, 2,
  ]);
});

test('says which limit is too low, by how much, and how it is raised', () => {
  const size = { managers: 8192, workersEach: 32 };
  expect(() => planSimulators(size, { ...plenty, descriptors: 8000 })).toThrow(
    /^the interchange needs 8320 open descriptors for 8192 managers, and the hard limit is 8000\. Raise it: 'ulimit -Hn 8320'/,
  );
  expect(() => planSimulators(size, { ...plenty, descriptors: 8320 }, 1)).toThrow(
    /^a process that simulates managers needs 16512 open descriptors/,
  );
  expect(() => planSimulators(size, { ...plenty, ports: 4000 })).toThrow(
    /^one process would need 4096 ports .* has 4000; use more processes/,
  );
  expect(() => planSimulators(size, plenty, 251)).toThrow('251 processes are too many; at most 250');
});
