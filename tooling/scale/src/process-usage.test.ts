import { expect, test } from 'vitest';

import { parseCpu, parseMemory, readUsage } from './process-usage.js';

test('a name with spaces and brackets is no field', () => {
  const stat = '7 (a ) (b) S 1 7 7 0 -1 4194304 100 0 0 0 123 45 6 7 20 0 11 0 300';
  expect(parseCpu(stat)).toBe(1680);
});

test('memory now and at its most', () => {
  expect(parseMemory('Name:\tnode\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n')).toEqual({
    memoryMb: 100,
    peakMb: 200,
  });
});

test.skipIf(process.platform !== 'linux')(
  'this process uses something (skipped where there is no /proc)',
  () => {
    const { cpuMs, memoryMb, peakMb } = readUsage(process.pid);
    expect(cpuMs).toBeGreaterThan(0);
    expect(peakMb).toBeGreaterThanOrEqual(memoryMb);
  },
);
