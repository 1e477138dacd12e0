import { describe, expect, test } from 'vitest';
import { readErrorReasons, readJobList } from './job-list.js';
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

describe('readErrorReasons', () => {
  test.each([
    [
      'qstat-states',
      'qstat -j 39',
      '39',
      'error: can\'t open output file "/nosuchdir/x": No such file or directory',
    ],
  ])('finds the reason in %s', (name, command, id, reason) => {
    expect([...readErrorReasons(recorded(name, command).stdout)]).toEqual([[id, reason]]);
  });

  test('a job without one is left out, and so is one that does not exist', () => {
    expect(readErrorReasons(recorded('qstat-states', 'qstat -j 36').stdout).size).toBe(0);
    expect(readErrorReasons(recorded('qstat-states', 'qstat -j 999999').stdout).size).toBe(0);
  });

  test('several jobs are told apart', () => {
    const { stdout } = recorded('qstat-states', 'qstat -j 39');
    const two = `${stdout}${stdout.replaceAll('39', '44').replace(/error: can't.*/, 'exit_status of job start = 100')}`;
    expect([...readErrorReasons(two)]).toEqual([
      ['39', 'error: can\'t open output file "/nosuchdir/x": No such file or directory'],
      ['44', 'exit_status of job start = 100'],
    ]);
  });
});
