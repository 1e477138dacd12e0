import { parseArgs } from 'node:util';

import { FAULTS, faultNames } from './fault-names.js';
import { runSoak } from './run-soak.js';
import { table } from './table.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    faults: { type: 'string', default: Object.keys(FAULTS).join() },
    'fault-every-ms': { type: 'string', default: '2500' },
    'tasks-per-second': { type: 'string', default: '1500' },
    json: { type: 'boolean', default: false },
  },
});

const report = await runSoak({
  runMs: 60_000 * positive('minutes'),
  seed: positive('seed'),
  faults: faultNames(values.faults),
  faultEveryMs: positive('fault-every-ms'),
  tasksPerSecond: positive('tasks-per-second'),
  busyMs: 25_000,
  quietMs: 12_000,
  heartbeatPeriodMs: 1000,
  heartbeatThresholdMs: 6000,
  sampleEveryMs: 1000,
  judgedFromMs: 40_000,
  settleMs: 120_000,
});
console.log(values.json ? JSON.stringify(report, undefined, 2) : table(report));
process.exitCode = report.wrong.length === 0 ? 0 : 1;

function positive(name: 'minutes' | 'seed' | 'fault-every-ms' | 'tasks-per-second'): number {
  const number = Number(values[name]);
  if (!Number.isFinite(number) || number <= 0) throw new Error(`--${name} takes a number of more than 0`);
  return number;
}
