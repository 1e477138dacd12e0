import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { checkOptions } from './check-options.js';
import { clusterOptions, clusterSetup } from './cluster-options.js';
import { CommandLineProvider } from './command-line-provider.js';
import type { JobId } from './contract.js';
import type { CommandResult } from './run-command.js';
import type { SchedulerDialect } from './scheduler-dialect.js';

/** As many as a site may let a user have. */
const JOBS = 3000;

let directory: string;
let provider: CommandLineProvider;
let ids: readonly JobId[];

/** A command that notes how many jobs it is asked about, and answers for each; with a file `hangs` it does not answer. */
const SCHEDULER = `#!/bin/sh
cd "$(dirname "$0")" || exit
echo "$(($# - 1))" >> "$1"
shift
[ ! -e hangs ] || exec sleep 60
printf '%s\\n' "$@"
`;

/** For each command of this kind, how many jobs it was asked about. */
function commands(kind: 'status' | 'cancel'): readonly number[] {
  return readFileSync(join(directory, kind), 'utf8').trimEnd().split('\n').map(Number);
}

function each<T>({ stdout }: CommandResult, what: T): { readonly jobs: ReadonlyMap<JobId, T> } {
  const told = stdout.split('\n').filter((id) => id !== '');
  return { jobs: new Map(told.map((id) => [id, what])) };
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'many-jobs-'));
  const program = join(directory, 'scheduler');
  writeFileSync(program, SCHEDULER);
  chmodSync(program, 0o755);
  let last = 0;
  const dialect: SchedulerDialect = {
    script: () => '#!/bin/bash\n',
    submit: () => ['/bin/echo', String(last++)],
    readJobId: (stdout) => stdout.trim(),
    status: (some) => ({
      argv: [program, 'status', ...some],
      read: (result) => each(result, { state: 'running' }),
    }),
    cancel: (some) => ({
      argv: [program, 'cancel', ...some],
      read: (result) => each(result, 'cancelled'),
    }),
  };
  const schema = clusterOptions({ label: 'many', walltime: '00:10:00', directive: '#MANY' });
  const setup = { dialect, coresPerNode: 1, keepsSecrets: false };
  provider = new CommandLineProvider(clusterSetup('Many', checkOptions('Many', {}, schema), setup));
  const requests = Array.from({ length: JOBS }, (_, job) => ({
    ...{ name: `b${String(job)}`, command: 'true', tasksPerNode: 1, scriptDir: directory },
  }));
  ids = await Promise.all(requests.map((request) => provider.submit(request)));
}, 60_000);

beforeEach(() => {
  for (const file of ['status', 'cancel', 'hangs']) {
    rmSync(join(directory, file), { force: true });
  }
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

test('a thousand jobs are asked for with a few commands', async () => {
  const some = ids.slice(0, 1000);
  const statuses = await provider.status(some);
  expect(some.map((id) => statuses.get(id)?.state)).toEqual(some.map(() => 'running'));
  expect(commands('status').length).toBeLessThanOrEqual(25);
  expect(commands('status').reduce((sum, count) => sum + count)).toBe(1000);
});

test('thousands of jobs are cancelled, all of them, in batches', async () => {
  const outcomes = await provider.cancel(ids);
  expect(ids.map((id) => outcomes.get(id))).toEqual(ids.map(() => 'cancelled'));
  expect(Math.max(...commands('cancel'))).toBeLessThanOrEqual(100);
  expect(commands('cancel').length).toBe(JOBS / 100);
});

test('whoever gives up cancelling them has an answer for each at once, and nothing else is started', async () => {
  writeFileSync(join(directory, 'hangs'), '');
  const patience = new AbortController();
  const cancelled = provider.cancel(ids, patience.signal);
  await vi.waitFor(() => {
    expect(commands('cancel')).toEqual([100]);
  });
  patience.abort();
  const outcomes = await cancelled.catch(() => new Map(ids.map((id) => [id, 'failed'])));
  expect(ids.map((id) => outcomes.get(id))).toEqual(ids.map(() => 'failed'));
  expect(commands('cancel')).toEqual([100]);
});
