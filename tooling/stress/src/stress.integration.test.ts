import { expect, test } from 'vitest';
import { runStress } from './run-stress.js';

test.each([0, 20])(
  'every task is accounted for while workers and managers are killed (retries: %d)',
  async (retries) => {
    const { account, deaths, mostOutstanding } = await runStress({
      tasks: 20_000,
      retries,
      seed: 7,
      killEveryMs: 150,
    });
    expect(account.wrong).toEqual([]);
    const lost = Object.values(account.lost).reduce((sum, count) => sum + count, 0);
    expect(account.results + lost).toBe(20_000);
    expect(deaths.workers).toBeGreaterThan(0);
    // A worker takes one task with it; only a manager may take more.
    expect(account.lost['PARSL_WORKER_LOST'] ?? 0).toBeLessThanOrEqual(deaths.workers);
    expect(mostOutstanding).toBeLessThanOrEqual(20_000);
    if (retries > 0) expect(account.results).toBe(20_000);
  },
);
