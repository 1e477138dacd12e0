import { strict as assert } from 'node:assert';
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { shellQuote } from '../shell-quote.js';
import type { Case } from './case.js';

/** What status says of jobs. */
export const STATE_CASES: readonly Case[] = [
  {
    name: 'a job is not over before it has ended',
    run: async (trial) => {
      const go = trial.path('go');
      const id = await trial.submit(`while [ ! -e ${shellQuote(go)} ]; do sleep 0.05; done`);
      const { state } = await trial.status(id);
      assert.ok(state === 'pending' || state === 'running', `a job just submitted is ${state}`);
      await trial.running(id);
      await writeFile(go, '');
      assert.equal((await trial.ended(id)).state, 'completed');
    },
  },
  {
    name: 'a job that succeeds is completed, with exit code 0',
    run: async (trial) => {
      const { state, exitCode } = await trial.ended(await trial.submit('true'));
      assert.equal(state, 'completed');
      assert.ok(exitCode === 0 || trial.subject.cannot?.exitCode !== undefined, 'no exit code 0');
    },
  },
  {
    name: 'a job that fails is failed',
    run: async (trial) => {
      assert.equal((await trial.ended(await trial.submit('exit 7'))).state, 'failed');
    },
  },
  {
    name: 'a job that fails has its exit code',
    needs: 'exitCode',
    run: async (trial) => {
      assert.equal((await trial.ended(await trial.submit('(exit 3); exit 7'))).exitCode, 7);
    },
  },
  {
    name: 'a command that does not exist makes the job fail',
    run: async (trial) => {
      assert.equal((await trial.ended(await trial.submit('/no/such/command'))).state, 'failed');
    },
  },
  {
    name: 'a job that a signal ends is failed',
    run: async (trial) => {
      assert.equal((await trial.ended(await trial.submit(`/bin/sh -c 'kill -KILL $$'`))).state, 'failed');
    },
  },
  {
    name: 'a terminal state stays',
    run: async (trial) => {
      const ids = [await trial.submit('true'), await trial.submit('exit 7')];
      const first = await Promise.all(ids.map((id) => trial.ended(id)));
      assert.deepEqual([...(await trial.provider.cancel(ids)).values()], ['gone', 'gone']);
      for (let time = 0; time < 3; time++) {
        await delay(trial.provider.pollIntervalMs);
        const later = await Promise.all(ids.map((id) => trial.status(id)));
        assert.deepEqual(
          later.map(({ state, exitCode }) => ({ state, exitCode })),
          first.map(({ state, exitCode }) => ({ state, exitCode })),
        );
      }
    },
  },
  {
    name: 'an id that it did not submit is left out',
    run: async (trial) => {
      const unknown = trial.subject.unknownId ?? '999999999';
      const id = await trial.submit('true');
      const statuses = await trial.statuses([unknown, id]);
      assert.deepEqual([...statuses.keys()], [id]);
      assert.equal((await trial.provider.status([])).size, 0);
      const other = trial.subject.create({ nodesPerBlock: 1 });
      assert.equal((await other.status([id])).size, 0, 'it tells of a job of another provider');
    },
  },
  {
    name: 'many jobs at once',
    run: async (trial) => {
      const count = trial.subject.jobsAtOnce ?? 50;
      const codes = Array.from({ length: count }, (_, index) => index % 3);
      const ids = await Promise.all(codes.map((code) => trial.submit(`exit ${String(code)}`)));
      assert.equal(new Set(ids).size, count, 'two jobs have one id');
      const ended = await Promise.all(ids.map((id) => trial.ended(id)));
      const expected = codes.map((code) => (code === 0 ? 'completed' : 'failed'));
      assert.deepEqual(
        ended.map(({ state }) => state),
        expected,
      );
      const together = await trial.statuses(ids);
      assert.deepEqual(
        ids.map((id) => together.get(id)?.state),
        expected,
      );
    },
  },
  {
    name: 'jobs run beside each other',
    needs: 'concurrency',
    run: async (trial) => {
      const [one, two] = [shellQuote(trial.path('one')), shellQuote(trial.path('two'))];
      const meet = (mine: string, other: string) =>
        `: > ${mine}; while [ ! -e ${other} ]; do sleep 0.05; done`;
      const ids = [await trial.submit(meet(one, two)), await trial.submit(meet(two, one))];
      const states = await Promise.all(ids.map(async (id) => (await trial.ended(id)).state));
      assert.deepEqual(states, ['completed', 'completed']);
    },
  },
  {
    name: 'a waiting job is pending, and runs when its turn comes',
    needsHook: 'occupy',
    run: async (trial) => {
      const release = await trial.subject.occupy?.(trial.provider);
      try {
        const id = await trial.submit('true');
        await delay(trial.provider.pollIntervalMs * 2);
        assert.equal((await trial.status(id)).state, 'pending');
        await release?.();
        assert.equal((await trial.ended(id)).state, 'completed');
      } finally {
        await release?.();
      }
    },
  },
];
