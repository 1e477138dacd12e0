import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { HighThroughputExecutorOptions } from './htex-options.js';

/** Every option, and nothing else: the compiler sees to it. */
const OPTIONS: Record<keyof HighThroughputExecutorOptions, true> = {
  label: true,
  provider: true,
  address: true,
  loopbackAddress: true,
  workerPort: true,
  workerPortRange: true,
  coresPerWorker: true,
  memPerWorkerGb: true,
  maxWorkersPerNode: true,
  prefetchCapacity: true,
  maxOutstandingBytes: true,
  heartbeatPeriodMs: true,
  heartbeatThresholdMs: true,
  drainPeriodMs: true,
  drainBeforeEndMs: true,
  encrypted: true,
  cpuAffinity: true,
  availableAccelerators: true,
  managerSelector: true,
  badNodes: true,
  addressProbeTimeoutMs: true,
  blockErrorHandler: true,
  workerLogDir: true,
  workerPool: true,
  launchCommand: true,
};

test('the README names every option in its table', () => {
  const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  expect(Object.keys(OPTIONS).filter((name) => !page.includes(`\n| \`${name}\``))).toEqual([]);
});
