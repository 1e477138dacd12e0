import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runCommand } from '@parsl-ts/provider';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pbsProDialect } from './pbs-pro-dialect.js';
import { SCRIPT_OPTIONS } from './testing/script-options.js';

const dialect = pbsProDialect({ ...SCRIPT_OPTIONS, selectOptions: undefined, place: undefined });

/** A `qdel` that waits until others have begun, notes how many there are, and does not know every tenth job. */
const QDEL = `#!/bin/sh
cd "$(dirname "$0")" || exit
: > "begun.$1"
: > "running.$1"
until [ "$(ls | grep -c ^begun)" -ge 5 ]; do sleep 0.01; done
ls | grep -c ^running >> counts
rm "running.$1"
case $1 in
  *0.s) echo "qdel: Unknown Job Id $1" >&2; exit 153 ;;
esac
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pbs-cancel-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Cancels jobs with a `qdel` of these lines. */
async function cancel(ids: readonly string[], qdel: string) {
  writeFileSync(join(directory, 'qdel'), qdel);
  chmodSync(join(directory, 'qdel'), 0o755);
  const env = { ...process.env, PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}` };
  const question = dialect.cancel(ids);
  return question.read(await runCommand(question.argv, { timeoutMs: 20_000, env }));
}

test('jobs are deleted one by one, several at the same time, and not all of them', async () => {
  const ids = Array.from({ length: 100 }, (_, n) => `${String(n)}.s`);
  const { jobs, next } = await cancel(ids, QDEL);
  expect([...jobs]).toEqual(ids.map((id) => [id, id.endsWith('0.s') ? 'gone' : 'cancelled']));
  expect(next).toEqual([]);
  expect(readdirSync(directory).filter((name) => name.startsWith('begun.'))).toHaveLength(100);
  const counts = readFileSync(join(directory, 'counts'), 'utf8').trimEnd().split('\n').map(Number);
  expect(Math.max(...counts)).toBeGreaterThan(1);
  expect(Math.max(...counts)).toBeLessThanOrEqual(10);
});

test('a qdel that fails without a word tells nothing', async () => {
  await expect(cancel(['1.s', '2.s'], '#!/bin/sh\n[ "$1" = 1.s ]\n')).rejects.toThrow(
    'it did not say which jobs it deleted',
  );
});

test('what a qdel says that does its work is no complaint', async () => {
  const { jobs } = await cancel(['1.s'], '#!/bin/sh\necho "qdel: this server is to be replaced"\n');
  expect([...jobs]).toEqual([['1.s', 'cancelled']]);
});
