import {
  SchedulerError,
  type CommandResult,
  type JobId,
  type JobStatus,
  type SchedulerQuestion,
} from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';
import { StatusQuestions } from './status-questions.js';
import { transcript } from './testing/transcript.js';

const states = transcript('states');
const unaccounted = transcript('no-accounting');

const recorded = (title: string, from = states): CommandResult => {
  const entry = from.get(title);
  if (entry === undefined) throw new Error(`there is no recording of '${title}'`);
  return entry.result;
};

/** What a question and those that follow lead to, when each gets the answer that `answer` has for its program. */
function ask(
  question: SchedulerQuestion<JobStatus>,
  answer: (argv: readonly string[]) => CommandResult,
): { commands: string[]; jobs: Map<JobId, JobStatus>; missing: JobId[] } {
  const commands: string[] = [];
  const jobs = new Map<JobId, JobStatus>();
  const missing: JobId[] = [];
  const questions = [question];
  for (let next = questions.shift(); next !== undefined; next = questions.shift()) {
    commands.push(next.argv.join(' '));
    const told = next.read(answer(next.argv));
    told.jobs.forEach((status, id) => jobs.set(id, status));
    missing.push(...(told.missing?.keys() ?? []));
    questions.push(...(told.next ?? []));
  }
  return { commands, jobs, missing };
}

const programs = (commands: readonly string[]) => commands.map((command) => command.split(' ')[0]);
const program = ({ argv }: SchedulerQuestion<JobStatus>) => argv[0];
const ids = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));
const said = (stdout: string): CommandResult => ({ exitCode: 0, signal: undefined, stdout, stderr: '' });

describe('with accounting', () => {
  test('sacct tells of jobs that go on, and squeue of those that sacct takes for ended', () => {
    const { commands, jobs, missing } = ask(new StatusQuestions().about(ids(18)), ([program = '']) =>
      recorded(`${program}, jobs in many states`),
    );
    expect(commands.map((command) => command.replace(/^(\w+).*(--jobs=.*)$/, '$1 $2'))).toEqual([
      'sacct --jobs=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18',
      'squeue --jobs=10,11,12,13,14,15,16',
    ]);
    expect(missing).toEqual([]);
    expect(Object.fromEntries([...jobs].map(([id, { state, message }]) => [id, [state, message]]))).toEqual({
      1: ['running', undefined],
      2: ['running', undefined],
      3: ['held', 'SUSPENDED'],
      4: ['held', 'PENDING: JobHeldUser'],
      5: ['held', 'PENDING: PartitionConfig'],
      6: ['held', 'PENDING: PartitionTimeLimit'],
      7: ['pending', 'PENDING: PartitionDown'],
      8: ['pending', 'PENDING: BeginTime'],
      9: ['pending', 'PENDING: Dependency'],
      10: ['completed', undefined],
      11: ['failed', 'FAILED: NonZeroExitCode'],
      12: ['failed', 'FAILED'],
      13: ['failed', expect.stringContaining('could not open the files for its output')],
      14: ['cancelled', 'CANCELLED'],
      15: ['timeout', 'PREEMPTED'],
      16: ['failed', 'NODE_FAIL: NodeDown'],
      // It was requeued. squeue, asked, would say TIMEOUT of 18, of which sacct tells a second later.
      17: ['pending', 'PENDING: BeginTime'],
      18: ['running', undefined],
    });
    expect(jobs.get('11')).toMatchObject({ exitCode: 7 });
    expect(jobs.get('12')).toMatchObject({ signal: 'SIGKILL' });
  });

  test('jobs that sacct does not list yet are asked for elsewhere', () => {
    const { commands, jobs } = ask(new StatusQuestions().about(ids(18)), ([program = '']) =>
      recorded(`${program}, jobs just submitted`),
    );
    expect(programs(commands)).toEqual(['sacct', 'squeue']);
    expect(jobs.size).toBe(18);
  });

  test('an end that is not the end: processes are left, or the job was requeued', () => {
    const { jobs } = ask(new StatusQuestions().about(['1', '2', '3']), ([program]) =>
      program === 'sacct'
        ? said(
            '1|CANCELLED by 1001|0:0|Unknown|None\n2|NODE_FAIL|0:0|Unknown|None\n3|COMPLETED|0:0|Unknown|None\n',
          )
        : said(squeueLines(['1', 'COMPLETING', '0:15', 'None'], ['2', 'PENDING', '0:0', 'BeginTime'])),
    );
    expect([...jobs].map(([id, { state }]) => [id, state])).toEqual([
      ['1', 'running'],
      ['2', 'pending'],
      ['3', 'completed'],
    ]);
  });

  test('a job that goes on completing for a minute has ended as sacct says', () => {
    let now = 1000;
    const questions = new StatusQuestions(() => now);
    const poll = () =>
      ask(questions.about(['1', '2', '3']), ([program]) =>
        program === 'sacct'
          ? said('1|COMPLETED|0:0|Unknown|None\n2|NODE_FAIL|0:0|Unknown|None\n3|FAILED|9:0|Unknown|None\n')
          : said(
              squeueLines(
                ['1', 'COMPLETING', '0:0', 'None', '2026-11-26T02:41:52'],
                // It is to be requeued as soon as its last process has ended.
                ['2', 'COMPLETING', '0:0', 'None', 'N/A'],
                ['3', 'COMPLETING', '137:0', 'NonZeroExitCode', '2026-11-26T02:41:52'],
              ),
            ),
      );
    const statuses = () => [...poll().jobs.values()];
    const running = { state: 'running' };
    expect(statuses()).toMatchObject([running, running, running]);
    now += 59_999;
    expect(statuses()).toMatchObject([running, running, running]);
    now += 1;
    // Of the exit code, squeue knows more.
    const failed = { state: 'failed', exitCode: 137 };
    expect(statuses()).toMatchObject([{ state: 'completed' }, running, failed]);
  });

  test('squeue knows exit codes better than sacct, which takes 128 off large ones', () => {
    const { jobs } = ask(new StatusQuestions().about(['1', '2']), ([program]) =>
      program === 'sacct'
        ? said('1|FAILED|9:0|Unknown|None\n2|FAILED|9:0|Unknown|None\n')
        : said(squeueLines(['1', 'FAILED', '137:0', 'NonZeroExitCode'])),
    );
    expect(jobs.get('1')).toMatchObject({ state: 'failed', exitCode: 137, signal: 'SIGKILL' });
    // The controller has forgotten it.
    expect(jobs.get('2')).toMatchObject({ state: 'failed', exitCode: 9 });
  });

  test.each<[string, string, readonly SqueueLine[]]>([
    [
      'that the controller has forgotten',
      '1_0|FAILED|3:0|Unknown|None\n1_1|COMPLETED|0:0|Unknown|None\n',
      [['1_1', 'COMPLETED', '0:0', 'None']],
    ],
    [
      'that sacct does not list yet',
      '1_0|COMPLETED|0:0|Unknown|None\n',
      [
        ['1_0', 'COMPLETED', '0:0', 'None'],
        ['1_1', 'FAILED', '3:0', 'NonZeroExitCode'],
      ],
    ],
    [
      'of whose last run sacct has not heard yet',
      '1_0|COMPLETED|0:0|Unknown|None\n1_1|COMPLETED|0:0|Unknown|None\n',
      [
        ['1_0', 'COMPLETED', '0:0', 'None'],
        ['1_1', 'FAILED', '3:0', 'NonZeroExitCode'],
      ],
    ],
    [
      'whose account was lost while it ran',
      '1_0|FAILED|3:0|Unknown|None\n1_1|RUNNING|0:0|Unknown|None\n',
      [['1_1', 'COMPLETED', '0:0', 'None']],
    ],
  ])('an array fails with a part %s', (_, sacct, squeue) => {
    const questions = new StatusQuestions();
    const poll = () =>
      ask(questions.about(['1']), ([program]) => said(program === 'sacct' ? sacct : squeueLines(...squeue)));
    for (let time = 0; time < 10; time++) poll();
    expect(poll().jobs.get('1')).toMatchObject({ state: 'failed', exitCode: 3 });
  });

  test.each<[string, string, readonly SqueueLine[]]>([
    ['nor anything else of its job', '1_0|COMPLETED|0:0|Unknown|None\n', []],
    ['but lists another one', '', [['1_0', 'COMPLETED', '0:0', 'None']]],
    ['but lists one that was cancelled', '', [['1_0', 'CANCELLED', '0:0', 'None']]],
    ['of different kinds', '1+1|COMPLETED|0:0|Unknown|None\n', []],
  ])(
    'nobody knows how an array ended of which the controller does not list a part, %s',
    (_, others, squeue) => {
      const part = others.includes('+') ? '1+0' : '1_1';
      const questions = new StatusQuestions();
      const poll = (state: string) =>
        ask(questions.about(['1']), ([program]) =>
          said(program === 'sacct' ? `${others}${part}|${state}|0:0|Unknown|None\n` : squeueLines(...squeue)),
        );
      for (let time = 0; time < 10; time++) expect(poll('RUNNING').jobs.get('1')?.state).toBe('running');
      const untold = poll('RUNNING');
      expect([untold.jobs.size, untold.missing]).toEqual([0, ['1']]);
      expect(poll('TIMEOUT').jobs.get('1')?.state).toBe('timeout');
    },
  );

  test('a job that was requeued ends as it did at last, of which sacct may not have heard', () => {
    const { jobs } = ask(new StatusQuestions().about(['1']), ([program]) =>
      said(
        program === 'sacct'
          ? '1|NODE_FAIL|0:0|Unknown|None\n'
          : squeueLines(['1', 'COMPLETED', '0:0', 'None']),
      ),
    );
    expect(jobs.get('1')).toEqual({ state: 'completed', exitCode: 0 });
  });

  test('that a job goes on is believed for a while only: the controller may have lost it', () => {
    const questions = new StatusQuestions();
    const poll = (squeue: string) =>
      ask(questions.about(['1', '2']), ([program]) =>
        said(program === 'sacct' ? '1|RUNNING|0:0|Unknown|None\n2|RUNNING|0:0|Unknown|None\n' : squeue),
      );
    for (let time = 0; time < 10; time++) expect(poll('').commands).toHaveLength(1);
    const onlyOne = squeueLines(['1', 'RUNNING', '0:0', 'None']);
    const doubted = poll(onlyOne);
    expect([[...doubted.jobs.keys()], doubted.missing]).toEqual([['1'], ['2']]);
    // The one is believed again, the other one is not.
    const later = poll(onlyOne);
    expect([later.commands.at(-1), later.missing]).toEqual([
      expect.stringMatching(/^squeue .*--jobs=2$/),
      ['2'],
    ]);
  });

  test('a job that runs does not wait again because sacct is late, but if the controller says so', () => {
    const questions = new StatusQuestions();
    const poll = (sacct: string, ...squeue: readonly SqueueLine[]) =>
      ask(questions.about(['1']), ([program]) =>
        said(program === 'sacct' ? sacct : squeueLines(...squeue)),
      ).jobs.get('1')?.state;
    expect(poll('', ['1', 'RUNNING', '0:0', 'None'])).toBe('running');
    expect(poll('1|PENDING|0:0|Unknown|None\n', ['1', 'RUNNING', '0:0', 'None'])).toBe('running');
    expect(poll('1|PENDING|0:0|Unknown|None\n', ['1', 'PENDING', '0:0', 'BeginTime'])).toBe('pending');
    expect(poll('1|PENDING|0:0|Unknown|None\n')).toBe('pending');
  });

  test('a job that nobody knows is missing', () => {
    const { jobs, missing } = ask(new StatusQuestions().about(['999']), ([program = '']) =>
      recorded(`${program}, an unknown job`),
    );
    expect([jobs.size, missing]).toEqual([0, ['999']]);
    const both = ask(new StatusQuestions().about(['1', '999']), ([program = '']) =>
      recorded(`${program}, an unknown job among others`),
    );
    expect([[...both.jobs.keys()], both.missing]).toEqual([['1'], ['999']]);
  });

  test('what sacct tells of a job that had the number before is none of it', () => {
    const questions = new StatusQuestions(undefined, new Date(2026, 10, 26, 3).getTime());
    const earlier = ['1_0|FAILED|3:0', '1_1|RUNNING|0:0'].map((each) => `${each}|2026-11-26T02:59:59|None\n`);
    const poll = (later: string, ...squeue: readonly SqueueLine[]) =>
      ask(questions.about(['1']), ([program]) =>
        said(program === 'sacct' ? earlier.join('') + later : squeueLines(...squeue)),
      ).jobs.get('1')?.state;
    expect(poll('', ['1', 'PENDING', '0:0', 'Priority'])).toBe('pending');
    expect(poll('', ['1', 'COMPLETED', '0:0', 'None'])).toBe('completed');
    expect(poll('1|COMPLETED|0:0|2026-11-26T03:00:00|None\n')).toBe('completed');
  });

  test('while the database is down, squeue answers; afterwards sacct again', () => {
    const questions = new StatusQuestions();
    const down = ask(questions.about(['1']), ([program = '']) =>
      recorded(`${program}, the accounting is down`),
    );
    expect(programs(down.commands)).toEqual(['sacct', 'squeue']);
    expect(down.jobs.get('1')?.state).toBe('cancelled');
    expect(questions.about(['1']).argv[0]).toBe('sacct');
  });

  test('while sacct takes too long, squeue answers, and sacct is not asked for some minutes', () => {
    let now = 1000;
    const questions = new StatusQuestions(() => now);
    const slow = new SchedulerError('sacct did not end', { cutShort: true });
    expect(questions.about(['1']).instead?.(slow).map(program)).toEqual(['squeue']);
    expect(program(questions.about(['1']))).toBe('squeue');
    now += 299_999;
    expect(program(questions.about(['1']))).toBe('squeue');
    now += 1;
    expect(program(questions.about(['1']))).toBe('sacct');
  });

  test('a scheduler that is down tells nothing', () => {
    expect(() =>
      ask(new StatusQuestions().about(['5']), ([program = '']) =>
        recorded(`${program}, the controller is down`),
      ),
    ).toThrow('squeue could not say');
  });
});

describe('without accounting', () => {
  test('sacct is asked once', () => {
    const questions = new StatusQuestions();
    const answer = ([program = '']: readonly string[]) => recorded(program, unaccounted);
    expect(programs(ask(questions.about(['1']), answer).commands)).toEqual(['sacct', 'squeue']);
    const later = ask(questions.about(['1']), answer);
    expect(programs(later.commands)).toEqual(['squeue']);
    expect(later.jobs.get('1')?.state).toBe('pending');
    expect(programs(ask(new StatusQuestions().about(['1']), answer).commands)).toEqual(['sacct', 'squeue']);
  });

  test('where sacct is not installed, it is asked for once', () => {
    let now = 1000;
    const questions = new StatusQuestions(() => now);
    const cause = Object.assign(new Error('spawn sacct ENOENT'), { code: 'ENOENT' });
    const absent = new SchedulerError('cannot run sacct', { cause });
    expect(questions.about(['1']).instead?.(absent).map(program)).toEqual(['squeue']);
    now += 3_600_000;
    expect(program(questions.about(['1']))).toBe('squeue');
  });

  test.each([
    ['22.05', states],
    ['23.02 and later', transcript('states-23.02')],
  ])('squeue of Slurm %s tells of jobs in every state, also of how they ended', (_, from) => {
    const questions = new StatusQuestions();
    const { jobs } = ask(questions.about(ids(18)), ([program = '']) =>
      program === 'sacct' ? recorded('sacct', unaccounted) : recorded('squeue, jobs in many states', from),
    );
    expect(Object.fromEntries([...jobs].map(([id, { state }]) => [id, state]))).toMatchObject({
      2: 'running',
      7: 'pending',
      14: 'cancelled',
      17: 'pending',
      18: 'timeout',
    });
    expect(jobs.get('10')).toEqual({ state: 'completed', exitCode: 0 });
    expect(jobs.get('11')).toMatchObject({ state: 'failed', exitCode: 7 });
    expect(jobs.get('12')).toMatchObject({ state: 'failed', signal: 'SIGKILL' });
    expect(jobs.get('13')?.message).toContain('could not open the files for its output');
    expect(jobs.get('16')?.message).toBe('NODE_FAIL: NodeDown');
  });

  test('an array fails with a part that the controller forgets before the others have ended', () => {
    const questions = new StatusQuestions();
    const poll = (...lines: readonly SqueueLine[]) =>
      ask(questions.about(['1']), ([program]) =>
        program === 'sacct' ? recorded('sacct', unaccounted) : said(squeueLines(...lines)),
      ).jobs.get('1');
    const [failed, running, completed] = [
      ['1_0', 'FAILED', '3:0', 'NonZeroExitCode'],
      ['1_1', 'RUNNING', '0:0', 'None'],
      ['1_1', 'COMPLETED', '0:0', 'None'],
    ] as const;
    expect(poll(failed, running)).toMatchObject({ state: 'running' });
    expect(poll(running)).toMatchObject({ state: 'running' });
    expect(poll(completed)).toMatchObject({ state: 'failed', exitCode: 3 });
  });

  test('a part that was requeued ends as it did at last', () => {
    const questions = new StatusQuestions();
    const poll = (...lines: readonly SqueueLine[]) =>
      ask(questions.about(['1']), ([program]) =>
        program === 'sacct' ? recorded('sacct', unaccounted) : said(squeueLines(...lines)),
      ).jobs.get('1')?.state;
    const running = ['1_1', 'RUNNING', '0:0', 'None'] as const;
    expect(poll(['1_0', 'NODE_FAIL', '0:0', 'NodeDown'], running)).toBe('running');
    expect(poll(['1_0', 'PENDING', '0:0', 'BeginTime'], running)).toBe('running');
    expect(poll(['1_0', 'COMPLETED', '0:0', 'None'], running)).toBe('running');
    expect(poll(['1_1', 'COMPLETED', '0:0', 'None'])).toBe('completed');
  });

  test('a job that the controller has forgotten is missing', () => {
    const { missing } = ask(new StatusQuestions().about(['1']), ([program = '']) =>
      recorded(program === 'sacct' ? 'sacct' : 'squeue of a forgotten job', unaccounted),
    );
    expect(missing).toEqual(['1']);
  });
});

test('each cluster is asked about its own jobs', () => {
  const { commands, jobs } = ask(new StatusQuestions().about(['1;east', '2', '1;west']), (argv) =>
    said(
      argv.includes('--clusters=east')
        ? '1|RUNNING|0:0|Unknown|None\n'
        : '1|PENDING|0:0|Unknown|None\n2|RUNNING|0:0|Unknown|\n',
    ),
  );
  expect(commands.map((command) => command.replace(/ --(?:alloc|nohead|pars|format)\S*/g, ''))).toEqual([
    'sacct --clusters=east --jobs=1',
    'sacct --jobs=2',
    'sacct --clusters=west --jobs=1',
  ]);
  expect(Object.fromEntries([...jobs].map(([id, { state }]) => [id, state]))).toEqual({
    '1;east': 'running',
    '2': 'running',
    '1;west': 'pending',
  });
});

test('while one cluster is slow, the others are asked all the same', () => {
  const question = new StatusQuestions().about(['1;east', '2;west']);
  const slow = new SchedulerError('sacct did not end', { cutShort: true });
  expect(question.instead?.(slow).map(({ argv }) => argv.filter((word) => !word.includes('=J')))).toEqual([
    ['squeue', '--states=all', '--noheader', '--clusters=east', '--jobs=1'],
    ['sacct', '--allocations', '--noheader', '--parsable2', '--clusters=west', '--jobs=2'],
  ]);
});

test.each([['nonsense'], ['1|DREAMING'], ['1|RUNNING|x:y|Unknown|None'], ['1|RUNNING|0:0|Unknown']])(
  'sacct that prints %j has no answer',
  (line) => {
    expect(() => new StatusQuestions().about(['1']).read(said(`${line}\n`))).toThrow('none of a job');
  },
);

test.each([
  ['nonsense'],
  ['1|RUNNING|x:y|N/A|None|'],
  ['1|RUNNING|0:0:0|N/A|None|'],
  ['1|not a state|0:0|N/A|None|'],
  ['1|RUNNING|0:0|N/A|None'],
])('squeue that prints %j has no answer', (line) => {
  const squeue = new StatusQuestions().about(['1']).read(recorded('sacct', unaccounted)).next?.[0];
  expect(() => squeue?.read(said(`${line}\n`))).toThrow('none of a job');
});

type SqueueLine = readonly [id: string, state: string, exit: string, reason: string, endTime?: string];

/** What `squeue` prints, in the form of Slurm 23.02 and later. */
function squeueLines(...lines: readonly SqueueLine[]): string {
  return lines
    .map(([id, state, exit, reason, endTime = 'N/A']) => {
      const columns = [
        id.padEnd(70),
        state.padEnd(24),
        exit.padEnd(12),
        endTime.padEnd(24),
        reason.padEnd(160),
      ];
      return `${columns.join('|')}|
`;
    })
    .join('');
}
