import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SECRET_VARIABLE } from '../contract.js';
import { shellQuote } from '../shell-quote.js';
import type { Case } from './case.js';

/** What follows the random part of a secret, which is as long as keys are. */
const REST = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.repeat(3);

/** Permissions of the group and of all others. */
const OTHERS = 0o077;

/** What becomes of the secret of a request. */
export const SECRET_CASES: readonly Case[] = [
  {
    name: 'a secret reaches every copy of the command, and no other user',
    needs: 'secrets',
    wishes: { nodesPerBlock: 2 },
    run: async (trial) => {
      assert.equal(trial.provider.carriesSecrets, true, 'the provider does not say that it carries secrets');
      // Found nowhere else on this host, where other conformance tests may be running.
      const secret = `conformance-secret_${randomUUID()}_${REST}`;
      const told = await trial.directory('told');
      const go = trial.path('go');
      const command =
        `echo "$${SECRET_VARIABLE}" > "$(mktemp ${shellQuote(told)}/copy.XXXXXX)"; ` +
        `until [ -e ${shellQuote(go)} ]; do sleep 0.05; done`;
      const id = await trial.submit(command, { secret });
      await trial.until(
        'two copies that know the secret',
        async () => (await filesWith(secret, told)).length === 2,
      );
      assert.deepEqual(await argumentsWith(secret), [], 'arguments of a process hold the secret');
      await writeFile(go, '');
      assert.equal((await trial.ended(id)).state, 'completed');
      for (const path of await filesWith(secret, trial.path('scripts'))) {
        assert.equal((await stat(path)).mode & OTHERS, 0, `other users can read the secret in ${path}`);
      }
    },
  },
  {
    name: 'a request without a secret brings none',
    needs: 'secrets',
    run: async (trial) => {
      const file = trial.path('told');
      await trial.ended(await trial.submit(`echo "<$${SECRET_VARIABLE}>" > ${shellQuote(file)}`));
      assert.equal(await trial.text(file), '<>\n');
    },
  },
];

/** Files in a directory that hold the secret. */
async function filesWith(secret: string, directory: string): Promise<readonly string[]> {
  const paths = (await readdir(directory)).map((name) => join(directory, name));
  const found = await Promise.all(paths.map(async (path) => (await readFile(path)).includes(secret)));
  return paths.filter((_, index) => found[index]);
}

/** Command lines on this host that hold the secret; none where the system does not show them as Linux does. */
async function argumentsWith(secret: string): Promise<readonly string[]> {
  const names = await readdir('/proc').catch(() => []);
  const lines = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      // One that has ended meanwhile has no arguments.
      .map((name) => readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(secret));
}
