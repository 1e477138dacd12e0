import { expect, test } from 'vitest';

import { blockEnd } from './block-end.js';

const NOW = { host: 5000, epoch: 1_700_000_000_000 };
const HOUR = 3_600_000;
const inSeconds = (seconds: number) => String(1_700_000_000 + seconds);

test('nothing ends a pool of which nobody says when it ends', () => {
  expect(blockEnd({}, {}, NOW)).toEqual({ drainAt: Infinity, endAt: Infinity });
  expect(blockEnd({ drainBeforeEndMs: 1000 }, {}, NOW)).toEqual({ drainAt: Infinity, endAt: Infinity });
});

test('a pool takes no more tasks for the last tenth of its time, or the last five minutes, and ends a moment early', () => {
  expect(blockEnd({ walltimeMs: 10_000 }, {}, NOW)).toEqual({ drainAt: 14_000, endAt: 14_500 });
  expect(blockEnd({ walltimeMs: HOUR }, {}, NOW)).toEqual({
    drainAt: 5000 + HOUR - 300_000,
    endAt: 5000 + HOUR - 5000,
  });
});

test.each([
  [0, 5000 + HOUR - 5000],
  [60_000, 5000 + HOUR - 60_000],
  [2 * HOUR, 5000 - HOUR],
])('%d ms before the end if that is wanted', (drainBeforeEndMs, drainAt) => {
  expect(blockEnd({ walltimeMs: HOUR, drainBeforeEndMs }, {}, NOW).drainAt).toBe(drainAt);
});

test.each<[string, NodeJS.ProcessEnv, number]>([
  ['the job script knows better than a walltime', { PARSL_BLOCK_END: inSeconds(1800) }, 1800],
  ['and may say more', { PARSL_BLOCK_END: inSeconds(7200) }, 7200],
  ['Slurm ends what is in its job', { SLURM_JOB_END_TIME: inSeconds(600) }, 600],
  ['and nothing makes that longer', { SLURM_JOB_END_TIME: inSeconds(7200) }, 3600],
  ['the sooner one of both', { PARSL_BLOCK_END: inSeconds(1800), SLURM_JOB_END_TIME: inSeconds(600) }, 600],
  ['no number', { PARSL_BLOCK_END: 'soon', SLURM_JOB_END_TIME: '' }, 3600],
  ['what is over', { PARSL_BLOCK_END: inSeconds(-5), SLURM_JOB_END_TIME: '0' }, 3600],
])('%s', (_, env, seconds) => {
  expect(blockEnd({ walltimeMs: HOUR }, env, NOW).endAt).toBe(5000 + 1000 * seconds - 5000);
});
