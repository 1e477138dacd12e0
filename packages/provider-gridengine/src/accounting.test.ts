import { expect, test } from 'vitest';
import { readAccounting as read } from './accounting.js';
import { recorded } from './testing/transcript.js';

const readAccounting = (stdout: string, sinceMs = 0) => read(stdout, { sinceMs });
const record = (
  id: string,
  failed: string,
  exitStatus: string,
  submitted = 'Sun Nov 22 09:04:17 2026',
): string =>
  `==============================================================
qname        all.q               
jobnumber    ${id}                  
qsub_time    ${submitted}
failed       ${failed}    
exit_status  ${exitStatus}                  
ru_wallclock 1s
`;
const end = (failed: string, exitStatus: string) => readAccounting(record('7', failed, exitStatus)).get('7');

test('reads a record as it is written', () => {
  expect([...readAccounting(recorded('qacct-endings', 'qacct -j 48').stdout)]).toEqual([
    ['48', { state: 'completed', exitCode: 0 }],
  ]);
  expect([...readAccounting(recorded('qdel', 'qacct -j 42').stdout)]).toEqual([
    [
      '42',
      {
        state: 'failed',
        exitCode: 137,
        signal: 'SIGKILL',
        message: 'Grid Engine says: 100 assumedly after job',
      },
    ],
  ]);
});

test('a job that is not there is left out', () => {
  const { stdout } = recorded('qdel', 'qacct -j 43');
  expect(readAccounting(stdout).size).toBe(0);
});

// The values are those of the transcript qacct-endings, which shows only some lines of these records.
test.each([
  ['0', '0', { state: 'completed', exitCode: 0 }],
  ['0', '7', { state: 'failed', exitCode: 7 }],
  ['0', '127', { state: 'failed', exitCode: 127 }],
  ['0', '137                  (Killed)', { state: 'failed', exitCode: 137, signal: 'SIGKILL' }],
  ['100 : assumedly after job', '143    (Terminated)', { state: 'failed', exitCode: 143, signal: 'SIGTERM' }],
  ['100 : assumedly after job', '138    (User defined signal 1)', { state: 'failed', signal: 'SIGUSR1' }],
  ['37  : qmaster enforced h_rt, h_cpu, or h_vmem limit', '137   (Killed)', { state: 'timeout' }],
  ['30  : application error returned', '100', { state: 'failed', exitCode: 100 }],
])('failed %j with exit status %j', (failed, exitStatus, expected) => {
  expect(end(failed, exitStatus)).toMatchObject(expected);
});

test.each([
  ['26  : opening input/output file', 'Grid Engine says: 26 opening input/output file'],
  ['27  : searching requested shell', 'Grid Engine says: 27 searching requested shell'],
  ['19  : before writing exit_status', 'Grid Engine says: 19 before writing exit_status'],
])('exit status 0 is none when Grid Engine failed: %j', (failed, message) => {
  expect(end(failed, '0')).toEqual({ state: 'failed', message });
});

test('of several tries the last counts, and none while it is to be followed by another', () => {
  const tries = [record('7', '25  : rescheduling', '0'), record('7', '25  : rescheduling', '99')];
  expect(readAccounting(tries.join('')).size).toBe(0);
  expect(readAccounting([...tries, record('7', '0', '3')].join('')).get('7')).toMatchObject({ exitCode: 3 });
  expect(readAccounting([record('7', '0', '3'), ...tries].join('')).size).toBe(0);
  expect(readAccounting(record('7', '24  : migrating', '0')).size).toBe(0);
});

test.each([
  ['of Grid Engine 8.1', 'Sun Nov 22 09:04:17 2026', 'Sat Nov 21 23:59:59 2026'],
  ['of later ones', '11/22/2026 09:04:17.125', '11/21/2026 23:59:59.999'],
])('a record of a job that had the number before is none, %s', (_, ours, others) => {
  const since = new Date(2026, 10, 22).getTime();
  const records = [record('7', '0', '0', others), record('8', '0', '0', others), record('8', '0', '3', ours)];
  const ends = readAccounting(records.join(''), since);
  expect([...ends]).toEqual([['8', { state: 'failed', exitCode: 3 }]]);
  expect(readAccounting(record('7', '0', '0', 'a time in words'), since).size).toBe(1);
});

test('records of many jobs are told apart', () => {
  const records = record('7', '0', '0') + record('17', '0', '5') + record('170', '0', '6');
  expect([...readAccounting(records)].map(([id, { exitCode }]) => [id, exitCode])).toEqual([
    ['7', 0],
    ['17', 5],
    ['170', 6],
  ]);
});
