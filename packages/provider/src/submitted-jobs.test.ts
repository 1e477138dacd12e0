import { expect, test } from 'vitest';
import { SubmittedJobs } from './submitted-jobs.js';

const OUTPUT = { stdoutPath: '/s/b.out', stderrPath: '/s/b.err' };
const LOST = { state: 'failed', message: 'lost' } as const;

function make(): SubmittedJobs {
  const jobs = new SubmittedJobs(1000);
  jobs.add('1', OUTPUT);
  return jobs;
}

test('a job is pending before anything is told of it', () => {
  const jobs = make();
  expect(jobs.status('1')).toEqual({ state: 'pending', ...OUTPUT });
  expect(jobs.isOpen('1')).toBe(true);
  expect(jobs.status('2')).toBeUndefined();
  expect(jobs.isOpen('2')).toBe(false);
});

test('states change until one is terminal', () => {
  const jobs = make();
  for (const state of ['running', 'pending', 'held', 'running', 'timeout'] as const) {
    jobs.told('1', { state });
    expect(jobs.status('1')?.state).toBe(state);
  }
  jobs.told('1', { state: 'completed' });
  jobs.missing('1', LOST, 5000);
  expect(jobs.status('1')).toEqual({ state: 'timeout', ...OUTPUT });
  expect(jobs.isOpen('1')).toBe(false);
});

test('a job that is missing stays as it was until patience is over', () => {
  const jobs = make();
  jobs.told('1', { state: 'running' });
  jobs.missing('1', LOST, 10_000);
  jobs.missing('1', LOST, 10_999);
  expect(jobs.status('1')?.state).toBe('running');
  jobs.missing('1', LOST, 11_000);
  expect(jobs.status('1')).toEqual({ ...LOST, ...OUTPUT });
});

test('a job that shows up again is not missing any more', () => {
  const jobs = make();
  jobs.missing('1', LOST, 0);
  jobs.told('1', { state: 'running' });
  jobs.missing('1', LOST, 5000);
  expect(jobs.status('1')?.state).toBe('running');
});

test('while the scheduler does not answer, no patience is lost', () => {
  const jobs = make();
  jobs.missing('1', LOST, 0);
  jobs.missing('1', LOST, 600);
  jobs.unanswered('1');
  jobs.unanswered('2');
  jobs.missing('1', LOST, 100_000);
  jobs.missing('1', LOST, 100_399);
  expect(jobs.status('1')?.state).toBe('pending');
  jobs.missing('1', LOST, 100_400);
  expect(jobs.status('1')?.state).toBe('failed');
});

test('a job that was cancelled and is missing has ended', () => {
  const jobs = make();
  jobs.cancelling('1', 'accepted');
  jobs.cancelling('1', 'doubtful');
  jobs.missing('1', LOST, 0);
  expect(jobs.status('1')?.state).toBe('cancelled');
});

test('a job of which nobody knows whether it was cancelled may run on, and has ended when patience is over', () => {
  const jobs = make();
  jobs.cancelling('1', 'doubtful');
  jobs.missing('1', LOST, 0);
  expect(jobs.status('1')?.state).toBe('pending');
  jobs.told('1', { state: 'running' });
  jobs.missing('1', LOST, 2000);
  expect(jobs.status('1')?.state).toBe('running');
  jobs.missing('1', LOST, 3000);
  expect(jobs.status('1')?.state).toBe('cancelled');
});

test('a job that fails because it was cancelled is cancelled; one that had completed before is not', () => {
  const jobs = make();
  jobs.add('2', OUTPUT);
  jobs.add('3', OUTPUT);
  for (const id of ['1', '2', '3']) {
    jobs.cancelling(id, id === '1' ? 'doubtful' : 'accepted');
  }
  jobs.cancelling('3', 'refused');
  jobs.told('1', { state: 'failed', exitCode: 137, signal: 'SIGKILL' });
  jobs.told('2', { state: 'completed', exitCode: 0 });
  jobs.told('3', { state: 'failed', exitCode: 1 });
  expect(jobs.status('1')).toEqual({ state: 'cancelled', exitCode: 137, signal: 'SIGKILL', ...OUTPUT });
  expect(jobs.status('2')?.state).toBe('completed');
  expect(jobs.status('3')?.state).toBe('failed');
});
