import { strict as assert } from 'node:assert';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { shellQuote } from '../shell-quote.js';
import type { Case } from './case.js';
import { isSchedulerFailure, type Trial } from './trial.js';

/** How long a frozen scheduler's commands may take, in ms, and how much longer until the provider has given them up. */
const COMMAND_TIMEOUT_MS = 5000;
const GIVE_UP_MS = 10_000;

/** What jobs and callers see of walltimes, dying nodes, and a scheduler that is away. */
export const OUTAGE_CASES: readonly Case[] = [
  {
    name: 'a job that its walltime ends has timed out',
    needsHook: 'expire',
    run: async (trial) => {
      const id = await trial.submit(trial.beating('heart'));
      await trial.beats('heart');
      await trial.subject.expire?.(id);
      assert.equal((await trial.ended(id)).state, 'timeout');
      await trial.assertSilent('heart');
    },
  },
  {
    name: 'a job whose node dies has failed, or waits for another one',
    needsHook: 'killNode',
    run: async (trial) => {
      const id = await trial.submit(trial.beat('heart'));
      await trial.beats('heart');
      // A scheduler may be late to tell that it runs, and would seem to have returned it to the queue.
      await trial.running(id);
      const undo = await trial.subject.killNode?.(id);
      try {
        await trial.until('the end of the job, or its return to the queue', async () => {
          const { state } = await trial.status(id);
          assert.ok(state !== 'completed' && state !== 'cancelled' && state !== 'timeout', `it is ${state}`);
          return state === 'failed' || state === 'pending' || state === 'held';
        });
        await trial.provider.cancel([id]);
      } finally {
        await undo?.();
      }
    },
  },
  {
    name: 'a scheduler that is stopped changes no state, and goes on when it is back',
    needsHook: 'stopScheduler',
    wishes: { commandTimeoutMs: 10_000 },
    run: async (trial) => {
      const go = trial.path('go');
      const id = await trial.submit(`until [ -e ${shellQuote(go)} ]; do sleep 0.05; done; exit 5`);
      await trial.running(id);
      const start = await trial.subject.stopScheduler?.();
      try {
        assert.equal(await stateIfTold(trial, id), 'running');
        // A run bears that for longer than a refusal.
        await assert.rejects(trial.provider.submit(trial.request('true')), {
          code: 'PARSL_SUBMIT',
          unavailable: true,
        });
        await writeFile(go, '');
      } finally {
        await start?.();
      }
      await trial.until('the end of the job', async () => (await stateIfTold(trial, id)) === 'failed');
      assert.equal((await trial.ended(await trial.submit('true'))).state, 'completed');
    },
  },
  {
    name: 'a command that hangs is given up in time, and leaves nothing running',
    needsHook: 'freezeScheduler',
    wishes: { commandTimeoutMs: COMMAND_TIMEOUT_MS },
    run: async (trial) => {
      const id = await trial.submit(trial.beat('heart'));
      await trial.running(id);
      const before = new Set(await children());
      const thaw = await trial.subject.freezeScheduler?.();
      try {
        const begin = performance.now();
        assert.equal(await stateIfTold(trial, id), 'running');
        const took = performance.now() - begin;
        assert.ok(took < COMMAND_TIMEOUT_MS + GIVE_UP_MS, `it took ${took.toFixed(0)} ms`);
        assert.deepEqual(
          (await children()).filter((pid) => !before.has(pid)),
          [],
          'a command still runs',
        );
      } finally {
        await thaw?.();
      }
      await trial.until('an answer', async () => (await trial.statuses([id])).size === 1);
    },
  },
];

/** What the provider says of a job; `running`, as before, if the scheduler could not be asked. */
async function stateIfTold(trial: Trial, id: string): Promise<string> {
  try {
    return (await trial.provider.status([id])).get(id)?.state ?? 'running';
  } catch (error) {
    assert.ok(isSchedulerFailure(error), String(error));
    return 'running';
  }
}

/** Process ids of the children of this process, where the system tells. */
async function children(): Promise<readonly string[]> {
  try {
    const threads = await readdir('/proc/self/task');
    const lists = await Promise.all(
      threads.map((thread) => readFile(`/proc/self/task/${thread}/children`, 'utf8')),
    );
    return lists.flatMap((list) => list.split(' ').filter((pid) => pid !== ''));
  } catch {
    return [];
  }
}
