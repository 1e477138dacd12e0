import { expect, test } from 'vitest';

import { sampleSize } from './simulated-size.js';

test.skipIf(process.platform !== 'linux').each([true, false])(
  'a small simulation runs to its end with right results (encrypted: %s; skipped where there is no /proc)',
  async (encrypted) => {
    const size = { managers: 8, workersEach: 4 };
    const sample = await sampleSize(size, {
      ...{ size, encrypted, tasks: 2000, repetitions: 2, answerMs: 1, apart: false, idleMs: 1 },
      ...{ processes: 2, profile: undefined },
    });
    expect(sample.rates).toHaveLength(2);
    // No faster than 32 workers that take 1 ms for each task.
    for (const rate of sample.rates) expect(rate).toBeLessThan(32_000);
    expect(sample.registrationSeconds).toBeGreaterThan(0);
    expect(sample.interchange.peakMb).toBeGreaterThan(sample.interchange.startMb / 2);
  },
);
