import { beforeEach, describe, expect, test } from 'vitest';
import { CompletingJobs } from './completing-jobs.js';
import { statusOfAll, type SlurmRecord } from './slurm-state.js';

const END = '2026-11-26T02:41:52';
const LATER = '2026-11-26T02:41:53';

let now: number;
let jobs: CompletingJobs;
beforeEach(() => {
  now = 1000;
  jobs = new CompletingJobs(() => now);
});

/** What is made of a job with these parts, which complete unless told. */
const status = (...parts: readonly Partial<SlurmRecord>[]) =>
  statusOfAll(
    jobs.settled(
      '1',
      parts.map((part, index) => ({
        part: `1_${index}`,
        state: 'COMPLETING',
        exitCode: 0,
        signal: 0,
        endTime: END,
        reason: 'None',
        ...part,
      })),
      new Map(),
    ),
  );

describe('a job that goes on completing', () => {
  test('has ended after a minute', () => {
    const part = { exitCode: 7, reason: 'NonZeroExitCode' };
    expect(status(part)?.state).toBe('running');
    now += 59_999;
    expect(status(part)?.state).toBe('running');
    now += 1;
    expect(status(part)).toEqual({ state: 'failed', exitCode: 7, message: 'FAILED: NonZeroExitCode' });
  });

  // As `squeue` of Slurm 22.05 shows them.
  test.each<[string, Partial<SlurmRecord>, object]>([
    [
      'by a signal',
      { signal: 9, reason: 'JobLaunchFailure' },
      { state: 'failed', signal: 'SIGKILL', message: 'FAILED' },
    ],
    ['by its time', { reason: 'TimeLimit' }, { state: 'timeout', message: 'TIMEOUT: TimeLimit' }],
    ['with its node', { reason: 'NodeDown' }, { state: 'failed', message: 'NODE_FAIL: NodeDown' }],
    ['well, or otherwise', {}, { state: 'failed', message: expect.stringContaining('does not say how') }],
  ])('is told as one that has ended %s', (_, part, expected) => {
    status(part);
    now += 60_000;
    expect(status(part)).toEqual(expected);
  });

  test('has not ended if it is to be requeued: it has no end then, or one that moves on', () => {
    status({ endTime: undefined });
    now += 3_600_000;
    expect(status({ endTime: undefined })?.state).toBe('running');
    expect(status({ endTime: END })?.state).toBe('running');
    now += 60_000;
    expect(status({ endTime: LATER })?.state).toBe('running');
  });

  test('has not ended as long as another part of it runs', () => {
    const other = { state: 'RUNNING', endTime: LATER };
    status({}, other);
    now += 60_000;
    expect(status({}, other)?.state).toBe('running');
    expect(status({}, { endTime: LATER })?.state).toBe('running');
    now += 60_000;
    expect(status({}, { endTime: LATER })?.state).toBe('failed');
  });

  test('begins anew if it has run in between', () => {
    status({});
    status({ state: 'RUNNING' });
    now += 60_000;
    expect(status({})?.state).toBe('running');
    jobs.forget('1');
    now += 60_000;
    expect(status({})?.state).toBe('running');
  });
});
