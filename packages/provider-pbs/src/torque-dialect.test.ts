import { SimpleLauncher, type CommandResult, type JobStatus } from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';
import { Recording } from './testing/recording.js';
import { torqueDialect, type TorqueDialectOptions } from './torque-dialect.js';

const OPTIONS: TorqueDialectOptions = {
  queue: undefined,
  account: undefined,
  walltime: '00:20:00',
  nodesPerBlock: 2,
  cpusPerNode: 4,
  memPerNodeGb: undefined,
  nodeOptions: undefined,
  schedulerOptions: '',
  workerInit: '',
  launcher: new SimpleLauncher(),
};
const dialect = torqueDialect(OPTIONS);
const request = {
  name: 'parsl.cpu.block-0.1f3c9a2e',
  command: '/bin/pool',
  tasksPerNode: 1,
  scriptDir: '/run/1',
};
const files = { scriptPath: '/run/1/b.sh', stdoutPath: '/run/1/b.out', stderrPath: '/run/1/b.err' };
const recording = new Recording('slurm-wlm-torque');
const said = (changes: Partial<CommandResult>): CommandResult => ({
  exitCode: 0,
  signal: undefined,
  stdout: '',
  stderr: '',
  ...changes,
});

describe('script and submit', () => {
  test('ask for what the options say, all resources in one line', () => {
    const script = torqueDialect({
      ...OPTIONS,
      queue: 'batch',
      account: 'proj',
      memPerNodeGb: 8,
      nodeOptions: 'gpus=1',
    }).script(request, files);
    expect(script.split('\n').filter((line) => line.startsWith('#PBS'))).toEqual([
      '#PBS -S /bin/bash',
      '#PBS -N parsl.cpu.block-0.1f3c9a2e',
      '#PBS -l nodes=2:ppn=4:gpus=1,walltime=00:20:00,mem=16gb',
      '#PBS -q batch',
      '#PBS -A proj',
      '#PBS -r n',
      '#PBS -m n',
    ]);
    expect(dialect.script(request, files)).toContain('#PBS -l nodes=2:ppn=4,walltime=00:20:00\n');
  });

  test('name the files for the output, which Slurm’s qsub would name otherwise', () => {
    expect(dialect.submit(request, files).slice(3)).toEqual([
      '/run/1',
      ...['qsub', '-o', 'b.out', '-e', 'b.err', 'b.sh'],
    ]);
  });

  const slurm = (error: string) =>
    said({
      exitCode: 1,
      stdout: `The command was:\n'/usr/bin/sbatch b.sh 2>&1'\nand the output was:\n'sbatch: error: ${error}\n'\n`,
    });
  test.each<[string, CommandResult, { unavailable: boolean; doubtful: boolean }]>([
    [
      'a controller of Slurm that is down',
      recording.answer(['qsub', 'p.sub']),
      { unavailable: true, doubtful: false },
    ],
    [
      'a controller of Slurm that hangs',
      slurm('Batch job submission failed: Socket timed out on send/recv operation'),
      { unavailable: false, doubtful: true },
    ],
    [
      'a partition that does not exist',
      recording.answer(['qsub', '-q', 'nosuchq', 'd.sub']),
      { unavailable: false, doubtful: false },
    ],
    [
      'a server of Torque that is down',
      said({
        exitCode: 111,
        stderr: 'qsub: cannot connect to server torque (errno=111) Connection refused\n',
      }),
      { unavailable: true, doubtful: false },
    ],
    [
      'a server of Torque that does not answer',
      said({ exitCode: 1, stderr: 'qsub: submit error (End of File)\n' }),
      { unavailable: false, doubtful: true },
    ],
    [
      'a queue that does not exist',
      said({ exitCode: 1, stderr: 'qsub: submit error (Unknown queue MSG=cannot locate queue)\n' }),
      { unavailable: false, doubtful: false },
    ],
  ])('%s', (_, result, { unavailable, doubtful }) => {
    expect(dialect.isUnavailable?.(result)).toBe(unavailable);
    expect(dialect.mayHaveSubmitted?.(result)).toBe(doubtful);
  });

  test('an id is a number; what is refused has none', () => {
    expect(dialect.readJobId(recording.answer(['qsub', 'd.sub']).stdout)).toBe('1');
    expect(dialect.readJobId(recording.answer('qsub -q nosuchq d.sub'.split(' ')).stdout)).toBeUndefined();
  });
});

describe('status', () => {
  test('reads the states of jobs', () => {
    const { jobs } = recording.ask(dialect.status(['1']));
    expect(jobs.get('1')).toEqual({ state: 'running' });
  });

  test('a job of which only the end is told, not how it ended, is missing, like one that nobody knows', () => {
    expect(recording.ask(dialect.status(['6'])).missing.get('6')?.state).toBe('failed');
    expect([...recording.ask(dialect.status(['99999'])).missing.keys()]).toEqual(['99999']);
  });

  test.each<[string, JobStatus['state'] | 'missing' | 'nothing', Partial<JobStatus>]>([
    ['Q', 'pending', {}],
    ['W', 'pending', {}],
    ['H', 'held', {}],
    ['S', 'held', {}],
    ['R', 'running', {}],
    ['E', 'running', {}],
    ['U', 'missing', {}],
    ['Z', 'nothing', {}],
    ['C\n    exit_status = 0', 'completed', { exitCode: 0 }],
    ['C\n    exit_status = 3', 'failed', { exitCode: 3 }],
    ['C\n    exit_status = 271', 'failed', { signal: 'SIGTERM' }],
    ['C\n    exit_status = -11', 'timeout', { message: 'it ran longer than its walltime' }],
    ['C\n    exit_status = -10', 'failed', {}],
  ])('state %j is %s', (state, expected, details) => {
    const stdout = `Job Id: 1.server\n    job_state = ${state}\n`;
    const { jobs, missing } = dialect.status(['1.server']).read(said({ stdout }));
    const told = jobs.get('1.server');
    expect(told?.state ?? (missing?.has('1.server') === true ? 'missing' : 'nothing')).toBe(expected);
    expect(told ?? {}).toMatchObject(details);
  });

  test('an id may come back with more of the server’s name', () => {
    const stdout = 'Job Id: 1.server.example.org\n    job_state = R\n';
    expect([...dialect.status(['1.server']).read(said({ stdout })).jobs.keys()]).toEqual(['1.server']);
  });

  test('an answer that is none is no answer', () => {
    const down = recording.answer(['qstat', '1']);
    expect(down.exitCode).toBe(8);
    expect(() => dialect.status(['1']).read(down)).toThrow('it told nothing of the jobs');
  });
});

describe('cancel', () => {
  const outcomes = (ids: readonly string[], result: CommandResult) => [
    ...dialect.cancel(ids).read(result).jobs.values(),
  ];

  test('reads what became of jobs, also where only their number is told', () => {
    expect(outcomes(['3', '4'], said({}))).toEqual(['cancelled', 'cancelled']);
    expect(outcomes(['99999'], recording.answer(['qdel', '99999']))).toEqual(['gone']);
    expect(outcomes(['3'], recording.answer(['qdel', '3']))).toEqual(['gone']);
    // One of the two is gone: either may be.
    expect(outcomes(['99999', '4'], recording.answer(['qdel', '99999', '4']))).toEqual([
      'cancelled',
      'cancelled',
    ]);
  });

  test('reads Torque’s own complaints', () => {
    const stderr =
      'qdel: Unknown Job Id Error 98.server\n' +
      'qdel: Request invalid for state of job MSG=invalid state for job - COMPLETE 99.server\n' +
      'qdel: Unauthorized Request  97.server\n';
    expect(
      outcomes(['98.server', '96.server', '99.server', '97.server'], said({ exitCode: 170, stderr })),
    ).toEqual(['gone', 'cancelled', 'gone', 'failed']);
  });

  test('a scheduler that does not answer has cancelled nothing', () => {
    expect(outcomes(['1'], recording.answer(['qdel', '1']))).toEqual(['failed']);
    expect(() => dialect.cancel(['1', '2']).read(recording.answer(['qdel', 'notanid']))).toThrow(
      'it did not say which jobs it deleted',
    );
  });
});

describe('find', () => {
  test('finds jobs among all by their names', () => {
    const { stdout } = recording.answer(['qstat', '-f', '6']);
    expect(dialect.find?.(['x']).argv).toEqual(['qstat', '-f']);
    expect([...(dialect.find?.(['bad.sub', 'x']).read(said({ stdout })).jobs ?? [])]).toEqual([
      ['6', 'bad.sub'],
    ]);
    expect(dialect.find?.(['x']).read(said({ exitCode: 153 })).jobs.size).toBe(0);
    expect(() => dialect.find?.(['x']).read(said({ exitCode: 8 }))).toThrow('it did not tell the jobs');
  });
});
