import { type CommandResult, type JobStatus } from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';
import { pbsProDialect, type PbsProDialectOptions } from './pbs-pro-dialect.js';
import { Recording } from './testing/recording.js';
import { SCRIPT_OPTIONS } from './testing/script-options.js';

const OPTIONS: PbsProDialectOptions = {
  ...SCRIPT_OPTIONS,
  cpusPerNode: 4,
  selectOptions: undefined,
  place: undefined,
};
const dialect = pbsProDialect(OPTIONS);
const request = {
  name: 'parsl.cpu.block-0.1f3c9a2e',
  command: '/bin/pool',
  tasksPerNode: 1,
  scriptDir: '/run/1',
};
const files = { scriptPath: '/run/1/b.sh', stdoutPath: '/run/1/b.out', stderrPath: '/run/1/b.err' };
const directives = (changes: Partial<PbsProDialectOptions>): string[] =>
  pbsProDialect({ ...OPTIONS, ...changes })
    .script(request, files)
    .split('\n')
    .filter((line) => line.startsWith('#PBS'));

const server = (numbers: readonly number[]) => numbers.map((number) => `${String(number)}.pbs-head`);
const short = ({ state, exitCode, signal }: JobStatus) => [state, exitCode, signal];
const said = (changes: Partial<CommandResult>): CommandResult => ({
  exitCode: 0,
  signal: undefined,
  stdout: '',
  stderr: '',
  ...changes,
});

describe('script', () => {
  test('asks for what the options say', () => {
    expect(directives({})).toEqual([
      '#PBS -S /bin/bash',
      '#PBS -N parsl.cpu.block-0.1f3c9a2e',
      '#PBS -l walltime=00:20:00',
      '#PBS -l select=1:ncpus=4',
      '#PBS -r n',
      '#PBS -m n',
    ]);
    expect(
      directives({
        queue: 'workq',
        account: 'proj',
        nodesPerBlock: 2,
        memPerNodeGb: 1.5,
        selectOptions: ':ngpus=2:model=milan',
        place: 'scatter:excl',
        schedulerOptions: '#PBS -k oed\n#PBS -r y',
      }),
    ).toEqual([
      '#PBS -S /bin/bash',
      '#PBS -N parsl.cpu.block-0.1f3c9a2e',
      '#PBS -l walltime=00:20:00',
      '#PBS -l select=2:ncpus=4:mem=1536mb:ngpus=2:model=milan',
      '#PBS -l place=scatter:excl',
      '#PBS -q workq',
      '#PBS -A proj',
      '#PBS -r n',
      '#PBS -m n',
      '#PBS -k oed',
      '#PBS -r y',
    ]);
    expect(directives({ memPerNodeGb: 8 })[3]).toBe('#PBS -l select=1:ncpus=4:mem=8gb');
  });

  test('keeps names as short as PBS wants them, and apart from each other', () => {
    const name = `parsl.${'x'.repeat(400)}.block-0.1f3c9a2e`;
    const line = /^#PBS -N (.*)$/m.exec(dialect.script({ ...request, name }, files))?.[1] ?? '';
    expect(line).toHaveLength(230);
    expect(line).toMatch(/x\.block-0\.1f3c9a2e$/);
  });
});

describe('submit', () => {
  test('runs in the directory of the script, whose name may have any character', () => {
    expect(dialect.submit(request, files)).toEqual([
      'sh',
      '-c',
      'cd -- "$0" && exec "$@"',
      '/run/1',
      ...['qsub', '-f', '-C', '#PBS', '-o', 'b.out', '-e', 'b.err', 'b.sh'],
    ]);
  });

  test.each([
    ['1009.pbs-head\n', '1009.pbs-head'],
    ['12.server.example.org\n', '12.server.example.org'],
    ['Charging project x.\n  \n12.server\n', '12.server'],
    ['', undefined],
    ['qsub: waiting for job 12.server to start\n', undefined],
  ])('reads the id in %j', (stdout, id) => {
    expect(dialect.readJobId(stdout)).toBe(id);
  });

  test('may have submitted a job when the connection broke, not when it was refused', () => {
    const recording = new Recording('pbspro-qsub-errors');
    expect(dialect.mayHaveSubmitted?.(said({ exitCode: 183, stderr: 'Communication failure.\n' }))).toBe(
      true,
    );
    const refused = recording.answer('qsub -f -q nosuchq ok.sh'.split(' '));
    expect(refused).toMatchObject({ exitCode: 170, stderr: 'qsub: Unknown queue\n' });
    expect(dialect.mayHaveSubmitted?.(refused)).toBe(false);
  });

  test('tells a server that is not there from one that refuses', () => {
    const down = new Recording('pbspro-down').answer(['qsub', '-f', 'ok.sh']);
    expect(down.exitCode).toBe(162);
    expect(dialect.isUnavailable?.(down)).toBe(true);
    expect(dialect.mayHaveSubmitted?.(down)).toBe(false);
    const unknownHost = 'Unknown Host.\nqsub: cannot connect to server nosuchhost (errno=15008)\n';
    expect(dialect.isUnavailable?.(said({ exitCode: 160, stderr: unknownHost }))).toBe(true);
    const refusals = new Recording('pbspro-qsub-errors').answers;
    expect(refusals.length).toBeGreaterThan(5);
    expect(refusals.filter((refusal) => dialect.isUnavailable?.(refusal) === true)).toEqual([]);
  });
});

describe('status', () => {
  test('reads the states of jobs that have not ended, in one command', () => {
    const ids = server([1231, 1232, 1233, 1234, 1235, 1236, 1237]);
    const { commands, jobs, missing } = new Recording('pbspro-history-off').ask(dialect.status(ids));
    expect(commands).toHaveLength(1);
    expect([...jobs.values()].map(({ state }) => state)).toEqual([
      ...['running', 'running', 'pending', 'held', 'pending', 'held', 'held'],
    ]);
    expect(jobs.get('1233.pbs-head')?.message).toMatch(/^Not Running: Not enough free nodes available/);
    expect(jobs.get('1237.pbs-head')?.message).toBe('Can Never Run: Not enough total nodes available');
    expect(missing.size).toBe(0);
  });

  test('without history, jobs that have ended are missing', () => {
    const { commands, jobs, missing } = new Recording('pbspro-history-off').ask(
      dialect.status(['1238.pbs-head']),
    );
    expect(commands).toEqual(['qstat -E -f 1238.pbs-head', 'qstat -x -E -f 1238.pbs-head']);
    expect(jobs.size).toBe(0);
    expect(missing.get('1238.pbs-head')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining("'job_history_enable' is off") as string,
    });
  });

  test('a job that is being deleted still runs', () => {
    const { jobs } = new Recording('pbspro-history-off').ask(dialect.status(['1231.pbs-head']));
    expect(jobs.get('1231.pbs-head')).toEqual({
      state: 'running',
      message: 'Job run at Wed Nov 25 at 16:56 on (pbs-n1:ncpus=4) and terminated by ada@pbs-head',
    });
  });

  test('with history, tells how jobs have ended', () => {
    const ids = server([1239, 1240, 1241, 1242, 1243, 1244, 1245, 1246, 1247]);
    const { commands, jobs, missing } = new Recording('pbspro-history-on').ask(dialect.status(ids));
    expect(commands).toEqual([`qstat -E -f ${ids.join(' ')}`, `qstat -x -E -f ${ids.join(' ')}`]);
    expect([...jobs.values()].map(short)).toEqual([
      ['completed', 0, undefined],
      ['failed', 3, undefined],
      ['failed', 137, 'SIGKILL'],
      ['failed', 143, 'SIGTERM'],
      ['failed', 254, undefined],
      ['timeout', undefined, undefined],
      ['cancelled', undefined, 'SIGTERM'],
      ['cancelled', undefined, undefined],
      ['cancelled', undefined, 'SIGKILL'],
    ]);
    expect(jobs.get('1244.pbs-head')?.message).toMatch(
      /^it ran longer than its walltime; .* and exceeded resource walltime$/,
    );
    expect(missing.size).toBe(0);
  });

  test('asks for the history of those alone that the first answer does not show', () => {
    const { commands, jobs, missing } = new Recording('pbspro-history-on').ask(
      dialect.status(['1248.pbs-head', '1239.pbs-head', '99999']),
    );
    expect(commands[1]).toBe('qstat -x -E -f 1239.pbs-head 99999');
    expect([...jobs].map(([id, { state }]) => [id, state])).toEqual([
      ['1248.pbs-head', 'running'],
      ['1239.pbs-head', 'completed'],
    ]);
    expect([...missing.keys()]).toEqual(['99999']);
  });

  test('a job that another server has, and does not list, is missing', () => {
    const [history] =
      dialect.status(['1.s', '2.s']).read(said({ exitCode: 153, stderr: 'qstat: Unknown Job Id 2.s\n' }))
        .next ?? [];
    const stdout = 'Job Id: 1.s\n    job_state = F\n    Exit_status = 0\n\nJob Id: 2.s\n    job_state = M\n';
    const { jobs, missing } = history?.read(said({ stdout })) ?? {};
    expect([...(jobs ?? [])]).toEqual([['1.s', { state: 'completed', exitCode: 0 }]]);
    expect(missing?.get('2.s')?.message).toContain('moved it to another server');
  });

  test('a job whose output is on its way has not ended', () => {
    const { jobs } = new Recording('pbspro-down').ask(dialect.status(['3001.pbs-head']));
    expect(jobs.get('3001.pbs-head')?.state).toBe('running');
  });

  test('when a node dies, a job that may run again waits, others have failed', () => {
    const { jobs } = new Recording('pbspro-down').ask(dialect.status(server([3002, 3003, 3004])));
    expect([...jobs.values()].map(({ state, message }) => [state, message])).toEqual([
      ['pending', 'Not Running: Insufficient amount of resource: host '],
      ['failed', 'its first node was lost; Job run at Wed Nov 25 at 17:04 on (pbs-n2:ncpus=1)'],
      ['cancelled', expect.stringContaining('and terminated')],
    ]);
  });

  test('an answer that is none is no answer', () => {
    const down = new Recording('pbspro-down');
    expect(() => down.ask(dialect.status(['3000.pbs-head']))).toThrow('it told nothing of the jobs');
    expect(() => dialect.status(['1.s']).read(said({}))).toThrow('it told nothing');
    expect(() => dialect.status(['1.s']).read(said({ exitCode: 1, stdout: 'nonsense' }))).toThrow('nothing');
    expect(() => dialect.status(['1.s']).read(said({ exitCode: undefined }))).toThrow('nothing');
  });

  test('leaves out a job in a state that PBS does not have', () => {
    const { jobs, missing } = dialect
      .status(['1.s'])
      .read(said({ stdout: 'Job Id: 1.s\n    job_state = Z\n' }));
    expect([jobs.size, missing?.size ?? 0]).toEqual([0, 0]);
  });

  test.each([
    [0, 'completed', 0, undefined],
    [7, 'failed', 7, undefined],
    [137, 'failed', 137, 'SIGKILL'],
    [265, 'failed', undefined, 'SIGKILL'],
    [271, 'failed', undefined, 'SIGTERM'],
    [-1, 'failed', undefined, undefined],
    [-20, 'failed', undefined, undefined],
    [-27, 'failed', undefined, undefined],
    [-29, 'timeout', undefined, undefined],
    [-99, 'failed', undefined, undefined],
  ])('Exit_status %d is %s', (exitStatus, state, exitCode, signal) => {
    const stdout = `Job Id: 1.s\n    job_state = F\n    substate = 93\n    Exit_status = ${String(exitStatus)}\n`;
    const status = dialect.status(['1.s']).read(said({ stdout })).jobs.get('1.s');
    expect(status && short(status)).toEqual([state, exitCode, signal]);
    expect(exitStatus < 0 ? status?.message : 'told').toBeDefined();
  });
});

describe('cancel', () => {
  const history = new Recording('pbspro-history-on');

  test('takes a command of one line, as a guardian of jobs does', () => {
    expect(dialect.cancel(['1.s']).argv.filter((argument) => argument.includes('\n'))).toEqual([]);
  });

  test('jobs that have ended or that nobody knows are gone, the others deleted', () => {
    const ids = ['1248.pbs-head', '1239.pbs-head', '99999'];
    const { jobs, next } = dialect.cancel(ids).read(history.answer(['qdel', ...ids]));
    expect([...jobs.values()]).toEqual(['cancelled', 'gone', 'gone']);
    expect(next).toEqual([]);
  });

  test('a job of somebody else is not deleted', () => {
    const { jobs } = dialect.cancel(['1249.pbs-head']).read(history.answer(['qdel', '1249.pbs-head']));
    expect(jobs.get('1249.pbs-head')).toBe('failed');
  });

  test('a job whose node is lost is deleted by force', () => {
    const down = new Recording('pbspro-down');
    const ids = server([3002, 3004]);
    const { jobs, next = [] } = dialect.cancel(ids).read(down.answer(['qdel', ...ids]));
    expect(jobs.size).toBe(0);
    expect(next[0]?.argv[2]).toContain('qdel -W force "$id"');
    expect(next[0]?.argv.slice(4)).toEqual(ids);
    expect([...(next[0]?.read(said({})).jobs.values() ?? [])]).toEqual(['cancelled', 'cancelled']);
    const again = next[0]?.read(down.answer(['qdel', ...ids]));
    expect([...(again?.jobs.values() ?? [])]).toEqual(['failed', 'failed']);
    expect(again?.next).toEqual([]);
  });

  test('an answer that is none is no answer', () => {
    const { read } = dialect.cancel(['3000.pbs-head']);
    const down = new Recording('pbspro-down').answer(['qdel', '3000.pbs-head']);
    expect(() => read(down)).toThrow('it did not say which jobs it deleted');
    expect(() => read(said({ exitCode: 1 }))).toThrow('it did not say');
    expect(() => read(said({ exitCode: 127, stderr: 'sh: 1: qdel: not found\n' }))).toThrow('it did not say');
  });
});

describe('find', () => {
  const find = (names: readonly string[]) => {
    const question = dialect.find?.(names);
    return question === undefined ? undefined : new Recording('pbspro-history-off').ask(question);
  };

  test('finds jobs by their names, one after the other', () => {
    const found = find(['nosuch', 'big1']);
    expect(found?.commands).toEqual(['qselect -N nosuch', 'qselect -N big1']);
    expect([...(found?.jobs ?? [])]).toEqual([['1231.pbs-head', 'big1']]);
  });

  test('an answer that is none is no answer', () => {
    const down = new Recording('pbspro-down').answer(['qselect', '-N', 'x']);
    expect(() => dialect.find?.(['x']).read(down)).toThrow('it did not look for the job');
  });
});
