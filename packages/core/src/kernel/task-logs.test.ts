import { expect, it } from 'vitest';
import { plainSettings } from '../apps/app-options.js';
import { withTaskLogs } from './task-logs.js';

it('leaves settings alone that name their files, or none', () => {
  const settings = { ...plainSettings('f'), stdout: '/tmp/auto' };
  expect(withTaskLogs(settings, 1, '/run')).toBe(settings);
});

it('names files by number and name of the task, and not too many in one directory', () => {
  const both = { ...plainSettings('simulate'), stdout: 'auto', stderr: 'auto' };
  expect(withTaskLogs(both, 7, '/run/000')).toEqual({
    ...both,
    stdout: '/run/000/task_logs/0000/task_0007_simulate.stdout',
    stderr: '/run/000/task_logs/0000/task_0007_simulate.stderr',
  });
  const one = { ...plainSettings('f'), stdout: '/tmp/out', stderr: 'auto' };
  expect(withTaskLogs(one, 1_234_567, '/run')).toMatchObject({
    stdout: '/tmp/out',
    stderr: '/run/task_logs/0123/task_1234567_f.stderr',
  });
});

it('makes a file name of any name', () => {
  const settings = { ...plainSettings(`../étape 1 (${'x'.repeat(300)})`), stdout: 'auto' };
  expect(withTaskLogs(settings, 0, '/run').stdout).toBe(
    `/run/task_logs/0000/task_0000_.._étape_1_${'x'.repeat(39)}.stdout`,
  );
});
