import { expect, test } from 'vitest';
import { readEnd } from './recorded-end.js';

const slurmd = (what: string, program = 'slurmstepd', of = 'JOB 3'): string =>
  `${program}: error: *** ${of} ON node1 CANCELLED AT 2026-11-25T08:27:51${what} ***\n`;

test.each([
  ['', undefined],
  ['what the job wrote\n', undefined],
  ['parsl: the job script ended with exit code 0\n', { state: 'completed', exitCode: 0 }],
  ['noise\nparsl: the job script ended with exit code 7\n', { state: 'failed', exitCode: 7 }],
  [
    'parsl: the job script ended with exit code 0\nparsl: the job script ended with exit code 137\n',
    { state: 'failed', exitCode: 137, signal: 'SIGKILL' },
  ],
  ['it said: parsl: the job script ended with exit code 7\n', undefined],
  [
    '=>> PBS: job killed: walltime 10 exceeded limit 5\nparsl: the job script ended with exit code 143\n',
    { state: 'timeout', message: '=>> PBS: job killed: walltime 10 exceeded limit 5' },
  ],
  [
    '=>> PBS: job killed: mem 2000kb exceeded limit 1000kb\n',
    { state: 'failed', message: '=>> PBS: job killed: mem 2000kb exceeded limit 1000kb' },
  ],
  [slurmd(''), { state: 'cancelled' }],
  [slurmd(' DUE TO TIME LIMIT'), { state: 'timeout' }],
  [slurmd(' DUE TO TIME LIMIT', 'slurmstepd-node1'), { state: 'timeout' }],
  [slurmd(' DUE TO TIME LIMIT', 'slurmstepd', 'STEP 3.0'), undefined],
  [slurmd(' DUE TO PREEMPTION'), { state: 'timeout' }],
  [slurmd(' DUE TO NODE FAILURE, SEE SLURMCTLD LOG FOR DETAILS'), { state: 'failed' }],
])('%j is the end %j', (stderr, end) => {
  if (end === undefined) {
    expect(readEnd(stderr)).toBeUndefined();
  } else {
    expect(readEnd(stderr)).toMatchObject(end);
  }
});
