import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CommandLineProvider, type CommandLineProviderSetup } from './command-line-provider.js';
import type { BlockRequest, CancelOutcome, JobId, JobState, JobStatus } from './contract.js';
import type { CommandResult } from './run-command.js';
import type { SchedulerDialect, SchedulerQuestion } from './scheduler-dialect.js';
import { SchedulerError, SubmitError } from './scheduler-errors.js';

let scriptDir: string;
beforeEach(() => {
  scriptDir = mkdtempSync(join(tmpdir(), 'command-line-'));
});
afterEach(() => {
  rmSync(scriptDir, { recursive: true, force: true });
});

const sh = (text: string): readonly string[] => ['sh', '-c', text];

/** Reads lines such as `7 running`; anything else is no answer. */
function read<T>(result: CommandResult, value: (word: string) => T): ReadonlyMap<JobId, T> {
  if (result.exitCode !== 0) {
    throw new Error('no answer');
  }
  return new Map(
    result.stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [id = '', word = ''] = line.split(' ');
        return [id, value(word)];
      }),
  );
}

const asked: (readonly string[])[] = [];
const OUTCOMES: Readonly<Record<string, CancelOutcome>> = { over: 'gone', refused: 'failed' };
const STATES: Readonly<Record<string, JobState>> = {
  done: 'completed',
  waiting: 'pending',
  broken: 'failed',
};
const asState = (word: string): JobStatus => ({ state: STATES[word] ?? 'running' });

/** A scheduler whose answers the test sets as lines of sh. */
class Words implements SchedulerDialect {
  submitText = 'echo job 1';
  statusText = 'true';
  cancelText = 'true';
  followUp: SchedulerQuestion<JobStatus>[] = [];
  readEnd?: (output: string) => JobStatus | undefined;

  names: string[] = [];

  script(): string {
    return '#!/bin/bash\n';
  }
  submit({ name }: BlockRequest): readonly string[] {
    this.names.push(name);
    return ['sh', '-c', this.submitText, name];
  }
  readJobId(stdout: string): JobId | undefined {
    return /job (\d*)/.exec(stdout)?.[1];
  }
  status(ids: readonly JobId[]): SchedulerQuestion<JobStatus> {
    asked.push(ids);
    return {
      argv: sh(this.statusText),
      read: (result) => {
        const words = [...read(result, (word) => word)];
        const missing = words.filter(([, word]) => word === 'missing').map(([id]) => id);
        const known = words.filter(([, word]) => word !== 'missing');
        return {
          jobs: new Map(known.map(([id, word]) => [id, asState(word)])),
          missing: new Map(missing.map((id) => [id, { state: 'failed', message: 'forgotten' }])),
          next: this.followUp.splice(0),
        };
      },
    };
  }
  cancel(): SchedulerQuestion<CancelOutcome> {
    return {
      argv: sh(this.cancelText),
      read: (result) => ({ jobs: read(result, (word) => OUTCOMES[word] ?? 'cancelled') }),
    };
  }
}

function make(changes: Partial<CommandLineProviderSetup> = {}) {
  asked.length = 0;
  const words = new Words();
  const provider = new CommandLineProvider({
    label: 'words',
    dialect: words,
    nodesPerBlock: 1,
    node: {},
    blocks: { init: 1, min: 0, max: 1, parallelism: 1 },
    pollIntervalMs: 10,
    commandTimeoutMs: 10_000,
    idsPerCommand: 100,
    ...changes,
  });
  let submitted = 0;
  const submit = async (id?: string): Promise<JobId> => {
    if (id !== undefined) {
      words.submitText = `echo job ${id}`;
    }
    return provider.submit({ name: `b${String(submitted++)}`, command: 'true', tasksPerNode: 1, scriptDir });
  };
  return { provider, words, submit };
}

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );

describe('submit', () => {
  test('writes the script and reads the id', async () => {
    const { provider, submit } = make();
    expect(await submit('42')).toBe('42');
    expect(readFileSync(join(scriptDir, 'b0.sh'), 'utf8')).toBe('#!/bin/bash\n');
    expect(statSync(join(scriptDir, 'b0.sh')).mode & 0o777).toBe(0o700);
    expect((await provider.status(['42'])).get('42')).toEqual({
      state: 'pending',
      stdoutPath: join(scriptDir, 'b0.out'),
      stderrPath: join(scriptDir, 'b0.err'),
    });
  });

  test.each([
    [
      'refuses',
      'echo "invalid partition: nope" >&2; exit 1',
      'ended with exit code 1: invalid partition: nope',
    ],
    ['says nothing', 'true', 'ended with exit code 0 and wrote nothing'],
    ['gives an empty id', 'echo job ', 'ended with exit code 0: job'],
    ['is killed', 'kill -KILL $$', 'ended by SIGKILL'],
  ])('a scheduler that %s is a SubmitError', async (_, text, message) => {
    const { words, submit } = make();
    words.submitText = text;
    const error = await caught(submit());
    expect(error).toBeInstanceOf(SubmitError);
    expect(error).toMatchObject({
      code: 'PARSL_SUBMIT',
      jobName: 'b0',
      command: [...sh(text), words.names[0]],
    });
    expect(String(error)).toContain(message);
  });

  test('a scheduler that hangs is a SubmitError after the time limit', async () => {
    const { words, submit } = make({ commandTimeoutMs: 100 });
    words.submitText = 'sleep 60';
    const error = await caught(submit());
    expect(error).toBeInstanceOf(SubmitError);
    expect(String(error)).toContain('did not end within 100 ms');
  });
});

describe('names', () => {
  test('the scheduler knows every job by a name of its own, and a file says which is which', async () => {
    const { words, submit } = make();
    await submit('1');
    rmSync(join(scriptDir, 'b0.sh'));
    const again = make();
    await again.submit('2');
    expect([words.names[0], again.words.names[0]]).toEqual([
      expect.stringMatching(/^b0\.[0-9a-f]{8}$/),
      expect.stringMatching(/^b0\.[0-9a-f]{8}$/),
    ]);
    expect(words.names[0]).not.toBe(again.words.names[0]);
    expect(readFileSync(join(scriptDir, 'jobs.txt'), 'utf8')).toBe('1 b0\n2 b0\n');
  });
});

describe('status', () => {
  test('a job that no command shows is pending; a terminal state stays, and is not asked for again', async () => {
    const { provider, words, submit } = make();
    await submit('1');
    await submit('2');
    words.statusText = 'echo 1 done';
    const states = async () => [...(await provider.status(['1', '2'])).values()].map(({ state }) => state);
    expect(await states()).toEqual(['completed', 'pending']);
    words.statusText = 'echo 1 running; echo 2 running';
    expect(await states()).toEqual(['completed', 'running']);
    expect(asked).toEqual([['1', '2'], ['2']]);
  });

  test.each([
    ['fails', 'exit 3'],
    ['is not there', 'exec no-such-command'],
  ])('a command that %s changes nothing', async (_, text) => {
    const { provider, words, submit } = make();
    await submit('1');
    words.statusText = 'echo 1 running';
    await provider.status(['1']);
    words.statusText = text;
    expect(await caught(provider.status(['1']))).toBeInstanceOf(SchedulerError);
    words.statusText = 'true';
    expect((await provider.status(['1'])).get('1')?.state).toBe('running');
  });

  test('many jobs are asked for a batch at a time, and one batch that fails does not hide the others', async () => {
    const { provider, words, submit } = make({ idsPerCommand: 2 });
    for (const id of ['1', '2', '3']) {
      await submit(id);
    }
    const ask = words.status.bind(words);
    words.status = (ids) => {
      words.statusText = ids.includes('1') ? 'exit 1' : 'echo 3 done';
      return ask(ids);
    };
    const statuses = await provider.status(['1', '2', '3']);
    expect(asked).toEqual([['1', '2'], ['3']]);
    expect([...statuses].map(([id, { state }]) => [id, state])).toEqual([['3', 'completed']]);
    expect(await caught(provider.status(['1', '2', '3']))).toBeInstanceOf(SchedulerError);
  });

  test('more jobs may be asked about at once than cancelled', async () => {
    const { provider, words, submit } = make({ idsPerCommand: 1, idsPerStatusCommand: 2 });
    await submit('1');
    await submit('2');
    await provider.status(['1', '2']);
    expect(asked).toEqual([['1', '2']]);
    words.cancelText = `echo x >> '${join(scriptDir, 'cancels')}'; echo 1 cancelled; echo 2 cancelled`;
    await provider.cancel(['1', '2']);
    expect(readFileSync(join(scriptDir, 'cancels'), 'utf8')).toBe('x\nx\n');
  });

  test('a job may wait again after it ran', async () => {
    const { provider, words, submit } = make();
    await submit('1');
    words.statusText = 'echo 1 running';
    await provider.status(['1']);
    words.statusText = 'echo 1 waiting';
    expect((await provider.status(['1'])).get('1')?.state).toBe('pending');
  });

  test('a job that the scheduler goes on not to know is taken for what the dialect says', async () => {
    const { provider, words, submit } = make({ missingPatienceMs: 0 });
    await submit('1');
    words.statusText = 'echo 1 missing';
    expect((await provider.status(['1'])).get('1')).toMatchObject({ state: 'failed', message: 'forgotten' });
  });

  test('that the scheduler does not answer says nothing about a job that it did not know', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { provider, words, submit } = make({ missingPatienceMs: 1000 });
      await submit('1');
      const after = async (ms: number, text: string) => {
        vi.advanceTimersByTime(ms);
        words.statusText = text;
        return (await provider.status(['1'])).get('1')?.state;
      };
      expect(await after(0, 'echo 1 missing')).toBe('pending');
      await expect(after(500, 'exit 1')).rejects.toBeInstanceOf(SchedulerError);
      expect(await after(60_000, 'echo 1 missing')).toBe('pending');
      expect(await after(1000, 'echo 1 missing')).toBe('failed');
    } finally {
      vi.useRealTimers();
    }
  });

  test('what a job wrote tells how it ended where the scheduler does not', async () => {
    const { provider, words, submit } = make();
    words.readEnd = (output) => (/^end$/m.test(output) ? { state: 'failed', exitCode: 7 } : undefined);
    await submit('1');
    words.statusText = 'echo 1 running';
    await provider.status(['1']);
    words.statusText = 'echo 1 missing';
    expect((await provider.status(['1'])).get('1')?.state).toBe('running');
    writeFileSync(join(scriptDir, 'b0.err'), 'nothing about it\n');
    expect((await provider.status(['1'])).get('1')?.state).toBe('running');
    writeFileSync(join(scriptDir, 'b0.out'), 'end\n');
    expect((await provider.status(['1'])).get('1')).toMatchObject({ state: 'failed', exitCode: 7 });
  });

  test('an answer may lead to another question', async () => {
    const { provider, words, submit } = make();
    await submit('1');
    words.followUp = [{ argv: sh('echo 1 done'), read: (result) => ({ jobs: read(result, asState) }) }];
    expect((await provider.status(['1'])).get('1')?.state).toBe('completed');
  });

  test('what somebody else submitted is nobody’s business here', async () => {
    const { provider, words, submit } = make();
    await submit('1');
    words.statusText = 'echo 1 running; echo 99 running';
    expect([...(await provider.status(['1', '99'])).keys()]).toEqual(['1']);
  });
});

describe('cancel', () => {
  test('answers for every id', async () => {
    const { provider, words, submit } = make();
    for (const id of ['1', '2', '3']) {
      await submit(id);
    }
    words.cancelText = 'echo 1 cancelled; echo 2 over';
    expect([...(await provider.cancel(['1', '2', '3', '99']))]).toEqual([
      ['1', 'cancelled'],
      ['2', 'gone'],
      ['3', 'failed'],
      ['99', 'gone'],
    ]);
  });

  test('a command that fails leaves jobs to be asked for again, and says why', async () => {
    const { provider, words, submit } = make();
    await submit('1');
    words.cancelText = 'echo "no scheduler there" >&2; exit 1';
    await expect(provider.cancel(['1'])).rejects.toMatchObject({
      code: 'PARSL_SCHEDULER',
      message: expect.stringContaining('ended with exit code 1: no scheduler there'),
    });
    words.cancelText = 'echo 1 cancelled';
    expect((await provider.cancel(['1'])).get('1')).toBe('cancelled');
  });

  test.each([
    ['took', 'echo 1 cancelled', 'cancelled'],
    ['may have taken', 'exit 1', 'cancelled'],
    ['refused', 'echo 1 refused', 'failed'],
  ])('a job that fails after the scheduler %s the request to cancel it', async (_, cancelText, state) => {
    const { provider, words, submit } = make();
    await submit('1');
    words.cancelText = cancelText;
    await provider.cancel(['1']).catch(() => undefined);
    words.statusText = 'echo 1 broken';
    expect((await provider.status(['1'])).get('1')?.state).toBe(state);
  });

  test('cancelNow runs the command before it returns', async () => {
    const { provider, words, submit } = make();
    await submit('1');
    words.cancelText = `echo cancelled > '${join(scriptDir, 'proof')}'`;
    provider.cancelNow(['1', '99']);
    expect(readFileSync(join(scriptDir, 'proof'), 'utf8')).toBe('cancelled\n');
  });
});

test('commands do not see variables that the dialect keeps from them', async () => {
  const { provider, words, submit } = make();
  Object.assign(words, {
    ignores: (variable: string, { WORDS_MODE }: NodeJS.ProcessEnv) =>
      variable === 'WORDS_FORMAT' && WORDS_MODE === 'strict',
  });
  vi.stubEnv('WORDS_FORMAT', 'bad');
  vi.stubEnv('WORDS_MODE', 'strict');
  words.submitText = 'echo "job ${WORDS_FORMAT:-7}"';
  expect(await submit()).toBe('7');
  words.statusText = 'echo "7 ${WORDS_FORMAT:-done}"';
  expect((await provider.status(['7'])).get('7')?.state).toBe('completed');
  await submit('8');
  words.cancelText = `echo "\${WORDS_FORMAT:-none}" > '${join(scriptDir, 'seen')}'`;
  provider.cancelNow(['8']);
  expect(readFileSync(join(scriptDir, 'seen'), 'utf8')).toBe('none\n');
  vi.unstubAllEnvs();
});
