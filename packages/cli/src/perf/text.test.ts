import { expect, test } from 'vitest';

import type { IterationReport, PerfFacts } from './report.js';
import { describeFacts, describeMeasurement, IterationTable } from './text.js';

const facts: PerfFacts = {
  version: '1.2.3',
  node: 'v20.20.2',
  host: 'login1',
  platform: 'linux x64',
  config: '/home/ada/parsl.config.ts',
  executors: ['cpu'],
  iterate: 'estimate',
  timeMs: 120_000,
  argBytes: 0,
  resultBytes: 0,
};

const iteration: IterationReport = {
  tasks: 154_916,
  workers: 64,
  submitMs: 328,
  submitRate: 472_272.4,
  runMs: 1195,
  rate: 129_594.2,
  mbPerSecond: 25.9,
};

test('what is measured stands at the top', () => {
  expect(describeFacts(facts, '/home/ada/runinfo/004')).toBe(
    [
      'parsl-ts perf   @parsl-ts/core 1.2.3, Node.js v20.20.2, login1, linux x64',
      'configuration   /home/ada/parsl.config.ts',
      'executor        cpu',
      'tasks           no-op',
      'iterations      10 tasks, then as many as are estimated to take 120 s',
      'logs            /home/ada/runinfo/004',
      '',
    ].join('\n'),
  );
});

test.each<[Partial<PerfFacts>, string]>([
  [{ config: null }, 'configuration   none was given: this machine, a worker for each core'],
  [{ executors: ['cpu', 'gpu'] }, 'executors       cpu, gpu, together:'],
  [{ argBytes: 1_000_000 }, 'tasks           no-op, 1,000,000 bytes of argument\n'],
  [{ argBytes: 1, resultBytes: 20 }, 'no-op, 1 byte of argument, 20 bytes of result\n'],
  [{ iterate: 'exponential', timeMs: 500 }, 'twice as many each time, until it takes over 0.5 s'],
  [{ iterate: [1, 2000] }, 'iterations      1 task; 2,000 tasks'],
])('%j is said', (change, text) => {
  expect(describeFacts({ ...facts, ...change }, '/runs/000')).toContain(text);
});

test('iterations are lines of a table, with the volume where there is one', () => {
  const plain = new IterationTable(facts);
  expect(plain.head + plain.line({ ...iteration, tasks: 10 }) + plain.line(iteration)).toBe(
    [
      'iteration       tasks  workers    calls/s        run    tasks/s',
      '        1          10       64    472,272     1.20 s    129,594',
      '        2     154,916       64    472,272     1.20 s    129,594',
      '',
    ].join('\n'),
  );
  const loaded = new IterationTable({ ...facts, resultBytes: 200 });
  expect(loaded.head + loaded.line(iteration)).toBe(
    [
      'iteration       tasks  workers    calls/s        run    tasks/s      MB/s',
      '        1     154,916       64    472,272     1.20 s    129,594      25.9',
      '',
    ].join('\n'),
  );
});

test('the end sums up, and names the best iteration where it is not the last', () => {
  const measurement = {
    ...{ runDir: '/runs/000', loadMs: 113, firstResultMs: 354, iterations: [iteration] },
    latency: { calls: 1000, p50Ms: 0.26, p99Ms: 1.65 },
  };
  expect(describeMeasurement(measurement)).toBe(
    [
      'throughput      129,594 tasks/s in the last iteration',
      'latency         p50 0.260 ms, p99 1.65 ms, of 1,000 tasks one at a time',
      'first result    0.35 s after load() was called; load() took 0.11 s',
      '',
    ].join('\n'),
  );
  const slower = { ...measurement, iterations: [iteration, { ...iteration, rate: 95 }] };
  expect(describeMeasurement(slower)).toContain('95.0 tasks/s in the last iteration, 129,594 in the best\n');
});
