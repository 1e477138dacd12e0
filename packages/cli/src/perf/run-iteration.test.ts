import { describe, expect, test } from 'vitest';

import { outstandingLimit, runIteration } from './run-iteration.js';

/** A site whose tasks end in the order of their calls, some time later, and that counts. */
class Site {
  calls = 0;
  outstanding = 0;
  most = 0;

  readonly call = (): Promise<void> => {
    this.calls += 1;
    this.outstanding += 1;
    this.most = Math.max(this.most, this.outstanding);
    return new Promise((resolve) => {
      setImmediate(() => {
        this.outstanding -= 1;
        resolve();
      });
    });
  };
}

describe('an iteration', () => {
  test.each([
    [1, 100],
    [100, 100],
    [1000, 100],
    [1001, 7],
    [20, 1],
    [9, 3],
  ])('of %d tasks with a limit of %d', async (tasks, limit) => {
    const site = new Site();
    const { submitMs, runMs } = await runIteration(site.call, tasks, limit);
    expect(site).toMatchObject({ calls: tasks, outstanding: 0 });
    expect(site.most).toBeLessThanOrEqual(limit);
    expect(site.most).toBeGreaterThan(Math.min(tasks, limit) / 2);
    expect(submitMs).toBeLessThanOrEqual(runMs);
  });

  test('calls at once what the limit allows', async () => {
    const site = new Site();
    const running = runIteration(site.call, 1000, 800);
    expect(site.calls).toBe(800);
    await running;
  });

  test('fails with the first task that fails, and calls no more', async () => {
    let calls = 0;
    const call = async (): Promise<void> => {
      calls += 1;
      if (calls >= 3) throw new Error(`task ${calls} failed`);
    };
    await expect(runIteration(call, 1000, 16)).rejects.toThrow('task 3 failed');
    expect(calls).toBeLessThanOrEqual(32);
  });
});

test.each([
  [0, 100_000],
  [100, 100_000],
  [100_000, 2560],
  [1_000_000, 256],
  [1_000_000_000, 1],
])('with %d bytes a task, %d are outstanding at most', (bytes, limit) => {
  expect(outstandingLimit(bytes)).toBe(limit);
});
