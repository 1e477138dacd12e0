import type { CommandResult } from '@parsl-ts/provider';
import { expect, test } from 'vitest';
import { cancelQuestion } from './cancel-question.js';
import { transcript } from './testing/transcript.js';

const states = transcript('states');
const recorded = (title: string): CommandResult => {
  const entry = states.get(title);
  if (entry === undefined) throw new Error(`there is no recording of '${title}'`);
  return entry.result;
};

test('tells jobs that were cancelled from those that were over', () => {
  const question = cancelQuestion(['1', '4', '10', '999', '2']);
  expect(question.argv).toEqual(['scancel', '--verbose', '1', '4', '10', '999', '2']);
  expect(Object.fromEntries(question.read(recorded('scancel of jobs in many states')).jobs)).toEqual({
    1: 'cancelled',
    2: 'cancelled',
    4: 'cancelled',
    10: 'gone',
    999: 'gone',
  });
});

test('a scheduler that does not answer has cancelled nothing', () => {
  expect([...cancelQuestion(['5']).read(recorded('scancel while the controller hangs')).jobs]).toEqual([
    ['5', 'failed'],
  ]);
  const { jobs } = cancelQuestion(['5', '6']).read(recorded('scancel while the controller is down'));
  expect(Object.fromEntries(jobs)).toEqual({ 5: 'failed', 6: 'failed' });
});

test('another user’s job is not cancelled; a command that did nothing is no answer', () => {
  const refused = 'scancel: error: Kill job error on job id 68: Access/permission denied\n';
  const result = { exitCode: 210, signal: undefined, stdout: '', stderr: refused };
  expect([...cancelQuestion(['68']).read(result).jobs]).toEqual([['68', 'failed']]);
  expect(() =>
    cancelQuestion(['68']).read({ ...result, exitCode: 1, stderr: 'fatal: no configuration' }),
  ).toThrow();
});

test('each cluster is told about its own jobs', () => {
  const question = cancelQuestion(['1;east', '2;west', '3;east']);
  expect(question.argv).toEqual(['scancel', '--verbose', '--clusters=east', '1', '3']);
  const result = { exitCode: 0, signal: undefined, stdout: '', stderr: '' };
  const { jobs, next = [] } = question.read(result);
  expect([...jobs.keys()]).toEqual(['1;east', '3;east']);
  expect(next.map(({ argv }) => argv)).toEqual([['scancel', '--verbose', '--clusters=west', '2']]);
  expect([...(next[0]?.read(result).jobs ?? [])]).toEqual([['2;west', 'cancelled']]);
});
