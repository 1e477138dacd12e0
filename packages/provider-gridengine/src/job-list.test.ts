import { describe, expect, test } from 'vitest';
import { readErrors, readJobList } from './job-list.js';
import { recorded } from './testing/transcript.js';

describe('readJobList', () => {
  test('reads jobs that run and jobs that wait', () => {
    const jobs = readJobList(recorded('qstat-states', 'qstat -xml', 1));
    expect(jobs.map(({ id, name, state, queueInstance }) => [id, name, state, queueInstance])).toEqual([
      ['36', 'ok.sh', 'r', 'all.q@ge-n2'],
      ['40', 'ok.sh', 'r', 'all.q@ge-n1'],
      ['40', 'ok.sh', 'r', 'all.q@ge-n2'],
      ['41', 'multi', 'r', 'all.q@ge-n2'],
      ['38', 'too.much', 'qw', ''],
      ['39', 'badout', 'Eqw', ''],
      ['37', 'ok.sh', 'hqw', ''],
      ['40', 'ok.sh', 'qw', ''],
    ]);
  });

  test('where there is no job, the list is empty', () => {
    expect(readJobList(recorded('qstat-states', 'qstat -xml'))).toEqual([]);
  });

  const full = recorded('qstat-states', 'qstat -xml', 1);
  test.each([
    ['the qmaster is down', recorded('qmaster-down', 'qstat -xml')],
    ['there is nothing in it', { ...full, stdout: '' }],
    ['it is cut off', { ...full, stdout: full.stdout.slice(0, 700) }],
    ['it is of another kind', recorded('qstat-states', 'qstat -xml -j 999999')],
  ])('an answer is none when %s', (_, answer) => {
    expect(() => readJobList(answer)).toThrow('qstat did not list jobs');
  });
});

describe('readErrors', () => {
  const { stdout } = recorded('qstat-states', 'qstat -j 39');
  const reason = `error: can't open output file "/nosuchdir/x": No such file or directory`;

  test('gives the reason', () => {
    expect([...readErrors(stdout)]).toEqual([['39', { state: 'failed', message: `Eqw: ${reason}` }]]);
  });

  test('leaves out a job that has none, and one that does not exist', () => {
    expect(readErrors(recorded('qstat-states', 'qstat -j 36').stdout).size).toBe(0);
    expect(readErrors(recorded('qstat-states', 'qstat -j 999999').stdout).size).toBe(0);
  });

  test('tells several jobs apart', () => {
    const other = stdout.replaceAll('39', '44').replace(reason, 'exit_status of job start = 100');
    expect([...readErrors(stdout + other)].map(([id, { message }]) => [id, message])).toEqual([
      ['39', `Eqw: ${reason}`],
      ['44', 'Eqw: exit_status of job start = 100'],
    ]);
  });
});
