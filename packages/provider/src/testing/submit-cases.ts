import { strict as assert } from 'node:assert';
import { shellCommand, shellQuote } from '../shell-quote.js';
import type { Case } from './case.js';
import type { Trial } from './trial.js';

/** Words that a careless script changes. */
const WORDS = [
  'plain',
  'two words',
  "it's",
  '"double"',
  '$(echo substituted)',
  '`echo substituted`',
  '$HOME',
  '${HOME}',
  'back\\slash',
  'new\nline',
  '*',
  '~',
  '!!',
  'a;b&c|d>e<f',
  '#hash',
  '%j%x',
  '',
  'ünïcödé ☃ 🚀',
];

const ENVIRONMENT_VARIABLE = 'PARSL_CONFORMANCE_VALUE';

/** What a submitted job runs, and with what. */
export const SUBMIT_CASES: readonly Case[] = [
  {
    name: 'describes itself',
    run: async ({ provider }) => {
      assert.notEqual(provider.label, '');
      assert.ok(provider.nodesPerBlock >= 1, 'nodesPerBlock');
      assert.ok(provider.pollIntervalMs > 0, 'pollIntervalMs');
      const { walltimeMs } = provider;
      assert.ok(walltimeMs === undefined || (walltimeMs > 0 && Number.isFinite(walltimeMs)), 'walltimeMs');
      const { init, min, max, parallelism } = provider.blocks;
      assert.ok(min >= 0 && min <= max && init >= 0 && init <= max, 'blocks');
      assert.ok(parallelism >= 0 && parallelism <= 1, 'parallelism');
    },
  },
  {
    name: 'submit runs the command',
    run: async (trial) => {
      const file = trial.path('ran');
      await trial.ended(await trial.submit(`echo here > ${shellQuote(file)}`));
      assert.equal(await trial.text(file), 'here\n');
    },
  },
  {
    name: 'every word of the command arrives as it is',
    run: async (trial) => {
      const file = trial.path('words');
      const program = String.raw`printf '%s\0' "$@" > "$0"`;
      const id = await trial.submit(shellCommand(['/bin/sh', '-c', program, file, ...WORDS]));
      await trial.ended(id);
      assert.deepEqual((await trial.text(file)).split('\0').slice(0, -1), WORDS);
    },
  },
  {
    name: 'a compound command is one command',
    run: async (trial) => {
      const file = shellQuote(trial.path('compound'));
      const id = await trial.submit(
        `A="x y"; for i in 1 2; do echo "$i $A" || exit 3; done > ${file} && true`,
      );
      await trial.ended(id);
      assert.equal(await trial.text(trial.path('compound')), '1 x y\n2 x y\n');
    },
  },
  {
    name: 'jobs see the environment of the moment of their submission',
    needs: 'environment',
    run: environmentCase,
  },
  {
    name: 'one provider serves several script directories',
    run: async (trial) => {
      const one = await trial.directory('one');
      const two = await trial.directory('two');
      const first = trial.request('true', { scriptDir: one });
      // The same name twice, as two runs would have it.
      const ids = [
        await trial.submit('true', { scriptDir: one, name: first.name }),
        await trial.submit('true', { scriptDir: two, name: first.name }),
      ];
      assert.equal(new Set(ids).size, 2, 'two jobs have one id');
      await Promise.all(ids.map((id) => trial.ended(id)));
      assert.notDeepEqual(await trial.files(one), [], 'the first script directory is empty');
      assert.notDeepEqual(await trial.files(two), [], 'the second script directory is empty');
    },
  },
  {
    name: 'a script directory may have any name',
    needs: 'oddDirectories',
    run: async (trial) => {
      const scriptDir = await trial.directory(`it's a "dir" $(echo x) ü`);
      const file = trial.path('ran');
      const id = await trial.submit(`echo here > ${shellQuote(file)}`, { scriptDir });
      assert.equal((await trial.ended(id)).state, 'completed');
      assert.equal(await trial.text(file), 'here\n');
    },
  },
  {
    name: 'standard output and error are in the files that the status names',
    needs: 'output',
    run: async (trial) => {
      const id = await trial.submit('echo to stdout; echo to stderr >&2; exit 3');
      const { stdoutPath, stderrPath } = await trial.ended(id);
      assert.ok(stdoutPath !== undefined && stderrPath !== undefined, 'status names no output files');
      assert.match(await trial.text(stdoutPath), /^to stdout$/m);
      assert.match(await trial.text(stderrPath), /^to stderr$/m);
    },
  },
  {
    name: 'runs a copy for each task of each node, and waits for all of them',
    needs: 'copies',
    wishes: { nodesPerBlock: 2 },
    run: async (trial) => {
      const directory = shellQuote(await trial.directory('copies'));
      // The copy that makes the directory "first" ends at once, the others later.
      const command = `mkdir ${directory}/first 2>/dev/null || sleep 0.5; mktemp ${directory}/copy.XXXXXX`;
      assert.equal((await trial.ended(await trial.submit(command, { tasksPerNode: 2 }))).state, 'completed');
      const copies = (await trial.files(trial.path('copies'))).filter((name) => name.startsWith('copy.'));
      assert.equal(copies.length, 4);
    },
  },
  {
    name: 'a block that cannot be submitted is a SubmitError',
    run: async (trial) => {
      const request = trial.request('true', { scriptDir: trial.path('no/such/directory') });
      await assert.rejects(trial.provider.submit(request), { name: 'SubmitError', code: 'PARSL_SUBMIT' });
    },
  },
  {
    name: 'nothing is submitted for a caller that has given up',
    run: async (trial) => {
      const file = trial.path('ran');
      const request = trial.request(`echo here > ${shellQuote(file)}`);
      await assert.rejects(trial.provider.submit(request, AbortSignal.abort()));
      await trial.ended(await trial.submit('true'));
      assert.ok(!(await trial.files(trial.path('.'))).includes('ran'), 'the job ran all the same');
    },
  },
];

async function environmentCase(trial: Trial): Promise<void> {
  const before = process.env[ENVIRONMENT_VARIABLE];
  const values = ['first', 'second value'];
  try {
    for (const value of values) {
      process.env[ENVIRONMENT_VARIABLE] = value;
      const file = trial.path(value);
      const id = await trial.submit(`echo "$${ENVIRONMENT_VARIABLE}" > ${shellQuote(file)}`);
      await trial.ended(id);
      assert.equal(await trial.text(file), `${value}\n`);
    }
  } finally {
    if (before === undefined) {
      Reflect.deleteProperty(process.env, ENVIRONMENT_VARIABLE);
    } else {
      process.env[ENVIRONMENT_VARIABLE] = before;
    }
  }
}
