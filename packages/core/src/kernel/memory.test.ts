import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import type { AppFuture } from '../futures/app-future.js';
import { testKit } from '../testing/test-kit.js';

const { startKernel } = testKit(onTestFinished);

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

it('lets go of the arguments of a task that has ended, also while its future is kept', async () => {
  const kernel = await startKernel();
  const size = kernel.app((big: { data: number[] }) => big.data.length);
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  const futures: AppFuture<number>[] = [];
  for (let n = 0; n < 10; n++) {
    const big = { data: new Array<number>(1000).fill(n) };
    registry.register(big, n);
    futures.push(size(big));
  }
  await kernel.waitForCurrentTasks();
  await expect
    .poll(() => {
      collectGarbage();
      return collected;
    })
    // The last may still be in a register of this function.
    .toBeGreaterThanOrEqual(9);
  expect(await futures[0]).toBe(1000);
});

it('needs less than 1 kB for a task that has not ended', async () => {
  const kernel = await startKernel();
  const one = kernel.app((x: number) => x);
  one(1);
  const count = 50_000;
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const futures = Array.from({ length: count }, (_, n) => one(n));
  collectGarbage();
  const each = (process.memoryUsage().heapUsed - before) / count;
  expect(futures).toHaveLength(count);
  expect(each).toBeLessThan(1000);
  await kernel.waitForCurrentTasks();
});
