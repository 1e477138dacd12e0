import type { CommandResult, JobStatus, SchedulerAnswer, SchedulerQuestion } from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';
import { gridEngineDialect } from './grid-engine-dialect.js';
import { recorded, transcript } from './testing/transcript.js';

const filter = { argv: ['-o', 'hpc', '-b', '202611220900'], sinceMs: 0 };
const dialect = gridEngineDialect(() => 'text', filter);
const request = {
  name: 'parsl.cpu.block-0.1f3c9a2e',
  command: '/bin/pool',
  tasksPerNode: 1,
  scriptDir: '/run',
};
const files = { scriptPath: '/run/b.sh', stdoutPath: '/run/b.out', stderrPath: '/run/b.err' };
const said = (stdout: string, exitCode = 0, stderr = ''): CommandResult => ({
  exitCode,
  signal: undefined,
  stdout,
  stderr,
});

describe('submit', () => {
  test('takes paths with any letters, also colons', () => {
    expect(dialect.script(request, files)).toBe('text');
    const argv = dialect.submit(request, { ...files, stdoutPath: "/run/it's a:b.out" });
    expect(argv.join(' ')).toBe("qsub -terse -wd /run -o :/run/it's a:b.out -e :/run/b.err -j n /run/b.sh");
  });

  test.each([
    ['qsub-ok', 'qsub -terse ok.sh', '2'],
    ['qsub-ok', 'qsub -terse -h ok.sh', '8'],
  ])('reads the id in %s', (name, command, id) => {
    expect(dialect.readJobId(recorded(name, command).stdout)).toBe(id);
  });

  test('finds the id after the words of a site, and none where there is none', () => {
    expect(dialect.readJobId('You have 3 jobs.\nWelcome\n4711\n')).toBe('4711');
    expect(dialect.readJobId('2026 is a good year\n')).toBeUndefined();
  });

  test('a qmaster whose answer does not come may have the job', () => {
    const lost =
      'Unable to run job: failed receiving gdi request response for mid=1 (got syncron message receive timeout error).';
    expect(dialect.mayHaveSubmitted?.(said('', 1, lost))).toBe(true);
    expect(dialect.mayHaveSubmitted?.(recorded('qmaster-down', 'qsub -terse ok.sh'))).toBe(false);
    expect(dialect.mayHaveSubmitted?.(recorded('qsub-errors', 'qsub -terse -q nosuch.q ok.sh'))).toBe(false);
  });

  test('tells a qmaster that is down from one that refuses', () => {
    expect(dialect.isUnavailable?.(recorded('qmaster-down', 'qsub -terse ok.sh'))).toBe(true);
    const refusals = transcript('qsub-errors').filter(({ exitCode }) => exitCode !== 0);
    expect(refusals.length).toBeGreaterThan(5);
    expect(refusals.filter((refusal) => dialect.isUnavailable?.(refusal) === true)).toEqual([]);
  });

  test('finds jobs by their names', () => {
    const question = dialect.find?.(['too.much', 'nobody']);
    expect(question?.argv).toEqual(['qstat', '-xml', '-s', 'przs']);
    expect([...(question?.read(recorded('qstat-states', 'qstat -xml', 1)).jobs ?? [])]).toEqual([
      ['38', 'too.much'],
    ]);
    expect(() => question?.read(recorded('qmaster-down', 'qstat -xml'))).toThrow();
  });
});

/** The answer to each question that follows from the list of jobs, by its command. */
function follow(first: SchedulerAnswer<JobStatus>): Map<string, SchedulerQuestion<JobStatus>> {
  return new Map((first.next ?? []).map((question) => [question.argv.join(' '), question]));
}

describe('status', () => {
  const question = dialect.status(['36', '37', '38', '39', '99']);
  const answer = question.read(recorded('qstat-states', 'qstat -xml', 1));
  const next = follow(answer);

  test('one list tells of jobs that wait, and leads to the questions about the others', () => {
    expect(question.argv).toEqual(['qstat', '-xml', '-s', 'prs']);
    expect(answer.jobs).toEqual(
      new Map([
        ['37', { state: 'held', message: 'its state is hqw' }],
        ['38', { state: 'pending' }],
      ]),
    );
    expect([...next.keys()]).toEqual(['qstat -j 39', 'qselect -qs u', 'qacct -j 99']);
  });

  test('a job runs if its host is heard of', () => {
    const hosts = next.get('qselect -qs u');
    expect(hosts?.read(said('', 1))).toEqual({
      jobs: new Map([['36', { state: 'running' }]]),
      missing: new Map(),
    });
    expect(hosts?.read(said('all.q@ge-n1\nlong.q@ge-n2\n')).jobs.get('36')?.state).toBe('running');
    const lost = hosts?.read(said('all.q@ge-n1\nall.q@ge-n2\n'));
    expect(lost?.jobs.size).toBe(0);
    expect(lost?.missing?.get('36')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('all.q@ge-n2') as string,
    });
    expect(() => hosts?.read(recorded('qmaster-down', 'qhost'))).toThrow('qselect did not select queues');
  });

  test('a job in error is deleted, and has failed with the reason', () => {
    const reasons = next.get('qstat -j 39')?.read(recorded('qstat-states', 'qstat -j 39'));
    expect([...(reasons?.jobs ?? [])]).toEqual([
      ['39', { state: 'failed', message: expect.stringContaining('No such file or directory') as string }],
    ]);
    expect(reasons?.next?.map(({ argv }) => argv)).toEqual([['qdel', '39']]);
    expect(next.get('qstat -j 39')?.read(recorded('qstat-states', 'qstat -j 999999'))).toEqual({
      jobs: new Map(),
      next: [],
    });
  });

  test('a job that the accounting does not know yet may still come', () => {
    const ended = dialect.status(['42', '43']).read(recorded('qstat-states', 'qstat -xml'));
    const [known, unknown] = ended.next ?? [];
    expect(known?.read(recorded('qdel', 'qacct -j 42'))).not.toHaveProperty('missing');
    const answered = unknown?.read(recorded('qdel', 'qacct -j 43'));
    expect(answered?.jobs.size).toBe(0);
    expect(answered?.missing?.get('43')).toEqual({
      state: 'failed',
      message: 'it has left the queue, and qacct has no record of its end: error: job id 43 not found',
    });
  });

  test('many jobs that have ended are asked for at once, and then those few that are not in the answer', () => {
    const ids = Array.from({ length: 11 }, (_, n) => String(n + 41));
    const ended = dialect.status(ids).read(recorded('qstat-states', 'qstat -xml'));
    expect(ended.next?.map(({ argv }) => argv)).toEqual([['qacct', '-o', 'hpc', '-b', '202611220900', '-j']]);
    const answered = ended.next?.[0]?.read(recorded('qdel', 'qacct -j 42'));
    expect([...(answered?.jobs.keys() ?? [])]).toEqual(['42']);
    expect(answered?.missing).toBeUndefined();
    expect(answered?.next?.map(({ argv }) => argv.at(-1))).toEqual(ids.filter((id) => id !== '42'));
  });

  test('many that are not in the answer are missing', () => {
    const ids = Array.from({ length: 12 }, (_, n) => String(n + 41));
    const ended = dialect.status(ids).read(recorded('qstat-states', 'qstat -xml'));
    const answered = ended.next?.[0]?.read(recorded('qdel', 'qacct -j 42'));
    expect(answered?.next).toBeUndefined();
    expect([...(answered?.missing?.keys() ?? [])]).toEqual(ids.filter((id) => id !== '42'));
    expect(answered?.missing?.get('43')).toEqual({
      state: 'failed',
      message: 'it has left the queue, and qacct has no record of its end',
    });
  });

  test.each([0, 500, 995, 1000])(
    'a thousand jobs that have ended, %i with a record, take few commands',
    (count) => {
      const ids = Array.from({ length: 1000 }, (_, n) => String(n + 1));
      const records = ids.slice(0, count).map((id) => `====\njobnumber ${id}\nfailed 0\nexit_status 0\n`);
      const answers = new Map([
        ['qstat', recorded('qstat-states', 'qstat -xml')],
        [`qacct ${filter.argv.join(' ')} -j`, said(records.join(''))],
      ]);
      const asked: string[] = [];
      const told = new Map<string, string>();
      const questions = [dialect.status(ids)];
      for (let next = questions.shift(); next !== undefined; next = questions.shift()) {
        const command = next.argv.join(' ');
        asked.push(command);
        const of = [...answers].find(([beginning]) => command.startsWith(beginning));
        const { jobs, missing, next: following = [] } = next.read(of?.[1] ?? said('', 1));
        jobs.forEach(({ state }, id) => told.set(id, state));
        missing?.forEach((_, id) => told.set(id, 'missing'));
        questions.push(...following);
      }
      expect(asked.length).toBeLessThanOrEqual(25);
      expect([...told.values()].filter((state) => state === 'completed')).toHaveLength(count);
      expect([...told.values()].filter((state) => state === 'missing')).toHaveLength(1000 - count);
    },
  );

  test('a qmaster that is down tells nothing', () => {
    expect(() => question.read(recorded('qmaster-down', 'qstat -xml'))).toThrow();
  });

  const list = (state: string): CommandResult => {
    const { stdout, ...rest } = recorded('qstat-states', 'qstat -xml', 1);
    return { ...rest, stdout: stdout.replace('<state>r</state>', `<state>${state}</state>`) };
  };
  test.each([
    ['t', 'running'],
    ['dr', 'running'],
    ['hr', 'running'],
    ['Rt', 'running'],
    ['Rr', 'running'],
    ['s', 'held'],
    ['hs', 'held'],
    ['S', 'held'],
    ['T', 'held'],
    ['qw', 'pending'],
    ['Rq', 'pending'],
    ['dqw', 'pending'],
    ['hqw', 'held'],
    ['hRqw', 'held'],
  ])('%s is %s', (letters, state) => {
    const first = dialect.status(['36']).read(list(letters));
    const told = first.jobs.get('36') ?? follow(first).get('qselect -qs u')?.read(said('', 1)).jobs.get('36');
    expect(told?.state).toBe(state);
  });

  test.each(['Eqw', 'Ehqw', 'Et', 'ERq'])('%s leads to the question for its reason', (letters) => {
    const first = dialect.status(['36']).read(list(letters));
    expect([...follow(first).keys()]).toEqual(['qstat -j 36']);
  });
});
