import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandLineProvider } from './command-line-provider.js';
import type { CommandResult } from './run-command.js';
import type { SchedulerDialect } from './scheduler-dialect.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'submitter-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/**
 * A scheduler in a few lines of sh: `queue` has a line `ID NAME` for each of its jobs. What `submit` does before and after
 * it has queued the job, and whether the others answer at all, is for the test to say.
 */
const SCHEDULER = `
cd "$(dirname "$0")" || exit
verb=$1; shift
[ ! -e down ] || [ "$verb" = submit ] || { echo 'no scheduler' >&2; exit 1; }
case $verb in
  submit)
    [ ! -e before ] || . ./before
    id=$(($(cat last 2>/dev/null || echo 0) + 1)); echo $id > last
    echo "$id $1" >> queue
    [ ! -e after ] || . ./after
    echo "job $id" ;;
  list) cat queue 2>/dev/null || true ;;
  cancel) for id; do echo "$id" >> cancelled; sed -i "/^$id /d" queue; done ;;
esac`;

const listed = ({ exitCode, stdout }: CommandResult): [id: string, name: string][] => {
  if (exitCode !== 0) {
    throw new Error('no answer');
  }
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [id = '', name = ''] = line.split(' ');
    return [id, name];
  });
};

function make(commandTimeoutMs = 10_000) {
  const program = join(directory, 'scheduler');
  writeFileSync(program, `#!/bin/sh${SCHEDULER}`);
  chmodSync(program, 0o755);
  const dialect: SchedulerDialect = {
    script: () => '#!/bin/bash\n',
    submit: ({ name }) => [program, 'submit', name],
    readJobId: (stdout) => /^job (\d+)$/m.exec(stdout)?.[1],
    mayHaveSubmitted: ({ stderr }) => stderr.includes('timed out'),
    isUnavailable: ({ stderr }) => stderr.includes('connection refused'),
    find: () => ({ argv: [program, 'list'], read: (result) => ({ jobs: new Map(listed(result)) }) }),
    status: () => ({
      argv: [program, 'list'],
      read: (result) => ({ jobs: new Map(listed(result).map(([id]) => [id, { state: 'running' }])) }),
    }),
    cancel: (ids) => ({
      argv: [program, 'cancel', ...ids],
      read: ({ exitCode }) => ({
        jobs: exitCode === 0 ? new Map(ids.map((id) => [id, 'cancelled'])) : new Map(),
      }),
    }),
  };
  const provider = new CommandLineProvider({
    label: 'sh',
    dialect,
    nodesPerBlock: 1,
    node: {},
    blocks: { init: 1, min: 0, max: 1, parallelism: 1 },
    pollIntervalMs: 10,
    commandTimeoutMs,
    idsPerCommand: 10,
    settleMs: 20,
    asksFor: "ShProvider({ account: 'nosuch' })",
  });
  let blocks = 0;
  const submit = (signal?: AbortSignal) =>
    provider.submit(
      { name: `b${String(blocks++)}`, command: 'true', tasksPerNode: 1, scriptDir: directory },
      signal,
    );
  return { provider, submit };
}

/** What happens around the queueing of a job: lines of sh, or nothing. */
function when(moment: 'before' | 'after' | 'down', text: string | undefined): void {
  if (text === undefined) {
    rmSync(join(directory, moment), { force: true });
  } else {
    writeFileSync(join(directory, moment), text);
  }
}

const text = (file: string) => readFileSync(join(directory, file), 'utf8');
const queue = () => (existsSync(join(directory, 'queue')) ? text('queue').replaceAll(/ .*/g, '') : '');

test.each([
  ['takes too long', 'sleep 60', 3000],
  ['is killed', 'kill -KILL $$', 10_000],
  ['says nothing that can be read', 'echo maintenance on Monday; exit 0', 10_000],
  ['fails in a way that does not tell', 'echo "answer timed out" >&2; exit 1', 10_000],
])('a job whose submit command %s is taken up if it is there', async (_, after, timeoutMs) => {
  const { provider, submit } = make(timeoutMs);
  when('after', after);
  expect(await submit()).toBe('1');
  expect((await provider.status(['1'])).get('1')?.state).toBe('running');
  expect(queue()).toBe('1\n');
});

test.each([
  ['refuses', 'echo "no such queue" >&2; exit 1', 10_000, 'no such queue', false],
  ['reaches no scheduler', 'echo "connection refused" >&2; exit 1', 10_000, 'connection refused', true],
  ['takes too long before it has queued anything', 'exec sleep 60', 3000, 'did not end within 3000 ms', true],
  ['is killed before it has queued anything', 'kill -KILL $$', 10_000, 'ended by SIGKILL', true],
])('a submit command that %s is a SubmitError, and the next one goes on', async (...row) => {
  const [, before, timeoutMs, message, unavailable] = row;
  const { submit } = make(timeoutMs);
  when('before', before);
  const failure: unknown = await submit().catch((error: unknown) => error);
  expect(failure).toMatchObject({
    name: 'SubmitError',
    message: expect.stringContaining(message) as string,
    unavailable,
  });
  const asked = "\n  It was asked for by ShProvider({ account: 'nosuch' })";
  expect(failure instanceof Error && failure.message.endsWith(asked)).toBe(!unavailable);
  when('before', undefined);
  expect(await submit()).toBe('1');
});

test('while a job is in doubt nothing is submitted; it is cancelled when the scheduler is back', async () => {
  const { provider, submit } = make();
  when('down', '');
  when('after', 'kill -KILL $$');
  await expect(submit()).rejects.toThrow('ended by SIGKILL');
  when('after', undefined);
  await expect(submit()).rejects.toMatchObject({
    message: expect.stringMatching(
      /it is not known what became of b0\.[0-9a-f]{8}: .*no scheduler/,
    ) as string,
    unavailable: true,
  });
  expect(queue()).toBe('1\n');
  await expect(provider.status(['1'])).resolves.toEqual(new Map());
  when('down', undefined);
  expect(await submit()).toBe('2');
  expect(text('cancelled')).toBe('1\n');
  expect(queue()).toBe('2\n');
});

test('a question about states cancels a job that was in doubt', async () => {
  const { provider, submit } = make();
  const other = await submit();
  when('down', '');
  when('after', 'kill -KILL $$');
  await expect(submit()).rejects.toThrow('ended by SIGKILL');
  when('down', undefined);
  await provider.status([other]);
  expect(text('cancelled')).toBe('2\n');
});

test('a caller that gives up in the middle leaves no job', async () => {
  const { submit } = make();
  when('after', `: > queued; sleep 60`);
  const controller = new AbortController();
  const submission = submit(controller.signal);
  while (!existsSync(join(directory, 'queued'))) {
    await new Promise(setImmediate);
  }
  controller.abort(new Error('enough'));
  await expect(submission).rejects.toThrow('aborted');
  expect(text('cancelled')).toBe('1\n');
});
