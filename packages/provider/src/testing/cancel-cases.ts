import { strict as assert } from 'node:assert';
import { shellQuote } from '../shell-quote.js';
import type { Case } from './case.js';

/** What becomes of jobs that are cancelled, and of what they started. */
export const CANCEL_CASES: readonly Case[] = [
  {
    name: 'cancel ends a running job and all that it started',
    run: async (trial) => {
      const id = await trial.submit(trial.beating('heart'));
      await trial.beats('heart');
      assert.equal((await trial.provider.cancel([id])).get(id), 'cancelled');
      assert.equal((await trial.ended(id)).state, 'cancelled');
      await trial.assertSilent('heart');
    },
  },
  {
    name: 'cancel ends every copy',
    needs: 'copies',
    wishes: { nodesPerBlock: 2 },
    run: async (trial) => {
      const id = await trial.submit(trial.beating('heart'));
      await trial.beats('heart');
      await trial.provider.cancel([id]);
      assert.equal((await trial.ended(id)).state, 'cancelled');
      await trial.assertSilent('heart');
    },
  },
  {
    name: 'cancel ends a job that does not heed SIGTERM',
    run: async (trial) => {
      const id = await trial.submit(`trap '' TERM; ${trial.beating('heart')}`);
      await trial.beats('heart');
      assert.equal((await trial.provider.cancel([id])).get(id), 'cancelled');
      assert.equal((await trial.ended(id)).state, 'cancelled');
      await trial.assertSilent('heart');
    },
  },
  {
    name: 'cancel is idempotent',
    run: async (trial) => {
      const id = await trial.submit(trial.beating('heart'));
      await trial.beats('heart');
      const both = await Promise.all([trial.provider.cancel([id]), trial.provider.cancel([id, id])]);
      for (const outcomes of both) {
        assert.ok(outcomes.get(id) === 'cancelled' || outcomes.get(id) === 'gone', outcomes.get(id));
      }
      assert.equal((await trial.ended(id)).state, 'cancelled');
      assert.equal((await trial.provider.cancel([id])).get(id), 'gone');
      assert.equal((await trial.status(id)).state, 'cancelled');
    },
  },
  {
    name: 'a job that has ended is gone, and stays as it was',
    run: async (trial) => {
      const id = await trial.submit('exit 7');
      await trial.ended(id);
      assert.equal((await trial.provider.cancel([id])).get(id), 'gone');
      assert.equal((await trial.status(id)).state, 'failed');
    },
  },
  {
    name: 'cancel answers for every id, unknown ones too',
    run: async (trial) => {
      const unknown = trial.subject.unknownId ?? '999999999';
      const ended = await trial.submit('true');
      await trial.ended(ended);
      const running = await trial.submit(trial.beating('heart'));
      await trial.beats('heart');
      const outcomes = await trial.provider.cancel([unknown, running, ended]);
      assert.deepEqual(
        new Map(outcomes),
        new Map([
          [unknown, 'gone'],
          [running, 'cancelled'],
          [ended, 'gone'],
        ]),
      );
      assert.equal((await trial.provider.cancel([])).size, 0);
    },
  },
  {
    name: 'cancelling one job leaves the others alone',
    needs: 'concurrency',
    run: async (trial) => {
      const [one, two] = [await trial.submit(trial.beating('one')), await trial.submit(trial.beating('two'))];
      await trial.beats('one');
      await trial.beats('two');
      await trial.provider.cancel([one]);
      await trial.ended(one);
      await trial.running(two);
    },
  },
  {
    name: 'a job just submitted can be cancelled',
    run: async (trial) => {
      const id = await trial.submit(trial.beating('heart'));
      assert.equal((await trial.provider.cancel([id])).get(id), 'cancelled');
      assert.equal((await trial.ended(id)).state, 'cancelled');
      await trial.assertSilent('heart');
    },
  },
  {
    name: 'a waiting job that is cancelled never runs',
    needsHook: 'occupy',
    run: async (trial) => {
      const release = await trial.subject.occupy?.(trial.provider);
      try {
        const id = await trial.submit(`echo ran > ${shellQuote(trial.path('ran'))}`);
        assert.equal((await trial.provider.cancel([id])).get(id), 'cancelled');
        assert.equal((await trial.ended(id)).state, 'cancelled');
        await release?.();
        await trial.ended(await trial.submit('true'));
        assert.ok(!(await trial.files(trial.path('.'))).includes('ran'), 'the job ran all the same');
      } finally {
        await release?.();
      }
    },
  },
  {
    name: 'what a job leaves behind ends with it',
    run: async (trial) => {
      const id = await trial.submit(`sh -c ${shellQuote(trial.beat('heart'))} & sleep 0.5`);
      await trial.ended(id);
      await trial.silence('heart');
    },
  },
  {
    name: 'cancelNow, where there is one, ends jobs without the event loop',
    run: async (trial) => {
      const { provider } = trial;
      if (provider.cancelNow === undefined) {
        return;
      }
      const unknown = trial.subject.unknownId ?? '999999999';
      const id = await trial.submit(trial.beating('heart'));
      await trial.beats('heart');
      provider.cancelNow([unknown, id]);
      // A scheduler may only have been told by now.
      assert.equal((await trial.ended(id)).state, 'cancelled');
      await trial.assertSilent('heart');
    },
  },
  {
    name: 'what one run cancels leaves the jobs of another alone, with the same provider and the same name',
    needs: 'concurrency',
    run: async (trial) => {
      const [one, two] = [await trial.directory('one'), await trial.directory('two')];
      const { name } = trial.request('true');
      const first = await trial.submit(trial.beat('first'), { scriptDir: one, name });
      const second = await trial.submit(trial.beat('second'), { scriptDir: two, name });
      await trial.beats('first');
      await trial.beats('second');
      await trial.provider.cancel([first]);
      assert.equal((await trial.ended(first)).state, 'cancelled');
      await trial.running(second);
    },
  },
];
