import { expect, test } from 'vitest';

import { faultNames } from './fault-names.js';
import { runSoak } from './run-soak.js';

test('a short run with many faults is accounted for, and leaves nothing behind', async () => {
  const report = await runSoak({
    runMs: 12_000,
    seed: 7,
    faults: faultNames(
      'worker-kill,worker-pause,worker-exit,worker-oom,manager-kill,manager-exit,manager-pause,block-cancel,block-pause',
    ),
    faultEveryMs: 300,
    tasksPerSecond: 800,
    busyMs: 5000,
    quietMs: 2500,
    heartbeatPeriodMs: 1000,
    heartbeatThresholdMs: 6000,
    sampleEveryMs: 500,
    // Too short for anything to be judged by how it grows.
    judgedFromMs: Infinity,
    settleMs: 40_000,
  });
  expect(report.wrong).toEqual([]);
  expect(report.account.settled).toBe(report.account.submitted);
  expect(report.account.submitted).toBeGreaterThan(300);
  expect(report.account.asMeant['works']).toBeGreaterThan(300);
  expect(report.faults['worker-kill']).toBeGreaterThan(0);
  expect(report.mostManagers).toBeGreaterThan(1);
  const seen = report.growth.filter(({ processes }) => processes > 0).map(({ role }) => role);
  expect(seen).toEqual(['submit', 'interchange', 'manager', 'worker']);
});
