import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Combination } from './combination.js';
import { FaultyRun, signal } from './faulty-run.js';
import { THRESHOLD_MS } from './harm.js';
import { memoryLimitMissing, MemoryLimit } from './harms/memory-limit.js';
import { AGAIN, ONCE, planFor } from './moments.js';
import { unharmed, workerLost } from './outcome.js';
import { checkEnd, playCase } from './play.js';
import { isRunning } from './processes.js';

test('a worker that the kernel kills because memory is short', async (context) => {
  const missing = await memoryLimitMissing();
  context.skip(missing !== undefined, missing);
  const combination: Combination = { who: 'worker', how: 'out of memory', when: 'task in flight' };
  await using limit = new MemoryLimit(String(process.pid), 100 * 2 ** 20);
  await playCase(combination, workerLost(/was killed by SIGKILL.*the host ran out of memory/), {
    plan: planFor(combination),
    by: 'worker',
    harm: {
      strike: (run, pid) => {
        limit.add(pid);
        run.order(pid, 'fill-memory');
      },
      lastsMs: 0,
      relent: () => undefined,
    },
    [Symbol.dispose]: () => undefined,
  });
});

test('a pool that comes back too late: what has been done elsewhere meanwhile is not delivered again', async () => {
  const plan = planFor({ who: 'manager', how: 'paused long', when: 'task in flight' });
  await using run = new FaultyRun({
    ...plan,
    executor: { maxWorkersPerNode: 1 },
    provider: { initBlocks: 2, minBlocks: 2, maxBlocks: 2 },
  });
  await run.ready();
  await run.until('both pools are there', () => run.managers.length === 2);
  run.submit({ key: AGAIN, retries: 1, gated: true });
  await run.until('the task runs', () => run.starts().length === 1);
  const worker = run.startedBy(AGAIN);
  const manager = run.find('worker').find(({ pid }) => pid === worker)?.parent ?? NaN;
  signal(manager, 'SIGSTOP');
  await run.until('it runs on the other pool', () => run.starts().length === 2);
  run.openGate();
  await run.until('it has ended', () => run.settled.has(AGAIN));
  await run.until('it has ended on the first pool as well', () => run.ends().length === 2);
  signal(manager, 'SIGCONT');
  await run.until('the first pool is back', () => run.managers.some(({ pid }) => pid === manager));
  expect(isRunning(manager)).toBe(true);
  expect(run.settled.get(AGAIN)).toMatchObject({ ok: true });
  await checkEnd(run, unharmed);
});

test('a submit process that does nothing for several thresholds: workers work on, and nothing is lost', async () => {
  const plan = planFor({ who: 'submit process', how: 'event loop blocked', when: 'task in flight' });
  await using run = new FaultyRun(plan);
  await run.ready();
  run.submit({ key: ONCE, retries: 0, gated: true });
  run.submit({ key: AGAIN, retries: 0, gated: true });
  await run.until('both tasks run', () => run.starts().length === 2);
  const managers = run.managers;
  run.order(run.child.pid ?? NaN, 'block');
  await run.until('it is blocked', () => run.hasObeyed(run.child.pid ?? NaN));
  run.openGate();
  await run.until('both tasks have ended', () => run.ends().length === 2);
  await setTimeout(3 * THRESHOLD_MS);
  expect(run.settled.size).toBe(0);
  run.release(run.child.pid ?? NaN);
  await run.until('the results are there', () => run.settled.size === 2);
  expect([...run.settled.values()]).toMatchObject([{ ok: true }, { ok: true }]);
  expect(run.managers.map(({ id }) => id)).toEqual(managers.map(({ id }) => id));
  await checkEnd(run, unharmed);
});
