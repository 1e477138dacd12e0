import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CancelOutcome, JobId, JobStatus } from './contract.js';
import { inBatches } from './in-batches.js';
import type { CommandResult } from './run-command.js';
import { SchedulerCommands } from './scheduler-commands.js';
import type { SchedulerQuestion } from './scheduler-dialect.js';

/** As many jobs as a site may let a user have. */
const IDS = Array.from({ length: 3000 }, (_, job) => String(job));

/** A command that notes how many jobs it is asked about, and answers for each; with a file `hangs` it does not answer. */
const SCHEDULER = `#!/bin/sh
cd "$(dirname "$0")" || exit
echo "$#" >> asked
[ ! -e hangs ] || exec sleep 60
printf '%s\\n' "$@"
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'many-jobs-'));
  writeFileSync(join(directory, 'scheduler'), SCHEDULER);
  chmodSync(join(directory, 'scheduler'), 0o755);
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** For each command, how many jobs it was asked about. */
const asked = (): readonly number[] =>
  readFileSync(join(directory, 'asked'), 'utf8').trimEnd().split('\n').map(Number);

/** A question to which the answer for each job is the same. */
const question =
  <T>(answer: T) =>
  (ids: readonly JobId[]): SchedulerQuestion<T> => ({
    argv: [join(directory, 'scheduler'), ...ids],
    read: ({ stdout }: CommandResult) => ({
      jobs: new Map(stdout.split('\n').flatMap((id) => (id === '' ? [] : [[id, answer]]))),
    }),
  });

const commands = new SchedulerCommands(50_000);

test('a thousand jobs are asked for with a few commands', async () => {
  const ids = IDS.slice(0, 1000);
  const { jobs } = await commands.askAll(
    inBatches(ids, 100),
    question<JobStatus>({ state: 'running' }),
    undefined,
  );
  expect([...jobs.keys()]).toEqual(ids);
  expect(asked().length).toBeLessThanOrEqual(25);
  expect(asked()).toEqual(Array.from({ length: 10 }, () => 100));
});

test('thousands of jobs are cancelled, all of them, in batches', async () => {
  const twice = [...IDS, ...IDS];
  const { jobs } = await commands.askAll(
    inBatches(twice, 100),
    question<CancelOutcome>('cancelled'),
    undefined,
  );
  expect([...jobs.keys()]).toEqual(IDS);
  expect(asked()).toEqual(Array.from({ length: 30 }, () => 100));
});

test('once nobody waits for them any more nothing else is started', async () => {
  writeFileSync(join(directory, 'hangs'), '');
  const patience = new AbortController();
  const news = commands.askAll(inBatches(IDS, 100), question<CancelOutcome>('cancelled'), patience.signal);
  await vi.waitFor(
    () => {
      expect(asked()).toEqual([100]);
    },
    { timeout: 20_000 },
  );
  patience.abort();
  const { jobs, unasked, failure } = await news;
  expect({ told: jobs.size, unasked: unasked.size }).toEqual({ told: 0, unasked: 3000 });
  expect(failure?.message).toContain('aborted');
  expect(asked()).toEqual([100]);
});
