import { SubmitError } from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';
import type { BlockReport } from '../executor.js';
import { noopErrorHandler, simpleErrorHandler, windowedErrorHandler } from './block-error-handlers.js';
import { BlockFailedError } from './block-failed-error.js';
import { TooManyJobFailuresError } from './too-many-job-failures-error.js';

function reports(...outcomes: readonly BlockReport['outcome'][]): BlockReport[] {
  return outcomes.map((outcome, index) => ({
    blockId: String(index),
    jobId: `job-${String(index)}`,
    outcome,
    registered: outcome !== 'missing' && outcome !== 'not-submitted',
    status: undefined,
    error: undefined,
  }));
}

const limits = (init: number) => ({ init, min: 0, max: 10, parallelism: 1 });
const F = 'failed';
const M = 'missing';
const R = 'running';
const C = 'completed';
const N = 'not-submitted';

describe('simpleErrorHandler', () => {
  test.each<[number, BlockReport['outcome'][], boolean]>([
    [1, [], false],
    [1, [F], false],
    [1, [M], true],
    [0, [M], true],
    [2, [M], false],
    [2, [M, M], true],
    [2, [F, M], false],
    [2, [M, R], false],
    [1, [R, F, F, F], false],
    [1, [F, F, C], false],
    [1, ['scaled-in', F], false],
    [1, [N], false],
    [1, [N, N], false],
    [1, [N, N, N], true],
    [1, [N, M], true],
    [1, [N, F], false],
    [5, [N, N, N], true],
    [5, [N, N, R], false],
    [1, ['timeout'], false],
  ])('init %i, %j: fatal %s', (init, outcomes, fatal) => {
    const judge = () => {
      simpleErrorHandler(reports(...outcomes), limits(init));
    };
    if (fatal) {
      expect(judge).toThrow(TooManyJobFailuresError);
    } else {
      judge();
    }
  });
});

test('simpleErrorHandler bears a scheduler that does not answer for longer than one that refuses', () => {
  const unanswered = (count: number) =>
    reports(...Array.from({ length: count }, () => N as 'not-submitted')).map((report) => ({
      ...report,
      error: new SubmitError('b', 'no controller', { unavailable: true }),
    }));
  const refused = reports(N);
  simpleErrorHandler(unanswered(7), limits(1));
  simpleErrorHandler(unanswered(7), limits(20));
  expect(() => {
    simpleErrorHandler(unanswered(8), limits(1));
  }).toThrow(TooManyJobFailuresError);
  expect(() => {
    simpleErrorHandler([...unanswered(2), ...refused], limits(1));
  }).toThrow(TooManyJobFailuresError);
});

test('windowedErrorHandler does not count what a scheduler did not answer', () => {
  const unanswered = reports(N, N, N, N).map((report) => ({
    ...report,
    error: new SubmitError('b', 'no controller', { unavailable: true }),
  }));
  windowedErrorHandler(3)([...unanswered, ...reports(F, F)], limits(1));
  expect(() => {
    windowedErrorHandler(3)([...reports(F, F, F), ...unanswered], limits(1));
  }).toThrow(TooManyJobFailuresError);
});

describe('windowedErrorHandler', () => {
  test.each<[number | undefined, BlockReport['outcome'][], boolean]>([
    [undefined, [F, F], false],
    [undefined, [F, F, F], true],
    [undefined, [C, F, M, N], true],
    [undefined, [F, F, F, R], false],
    [1, [C, F], true],
    [2, [F, C, F], false],
  ])('%s, %j: fatal %s', (threshold, outcomes, fatal) => {
    const judge = () => {
      windowedErrorHandler(threshold)(reports(...outcomes), limits(1));
    };
    if (fatal) {
      expect(judge).toThrow(TooManyJobFailuresError);
    } else {
      judge();
    }
  });

  test('the last ones by number, not by text', () => {
    const many = reports(...Array.from({ length: 11 }, (): BlockReport['outcome'] => C), F, F, F);
    expect(() => {
      windowedErrorHandler(3)([...many].reverse(), limits(1));
    }).toThrow(TooManyJobFailuresError);
  });

  test.each([0, 1.5, -1])('a threshold of %d is refused', (threshold) => {
    expect(() => windowedErrorHandler(threshold)).toThrow(RangeError);
  });
});

test('noopErrorHandler is never fatal', () => {
  noopErrorHandler(reports(F, F, F, F), limits(1));
});

test('the error shows state, exit code and both outputs of every block', () => {
  const failed = new BlockFailedError({
    blockId: '0',
    jobId: '4711',
    status: { state: 'failed', exitCode: 127, stdoutPath: '/run/b.out', stderrPath: '/run/b.err' },
    registered: false,
    stdout: 'loading modules\nstarting\n',
    stderr: 'parsl-worker-pool: command not found\n',
  });
  const [report] = reports('missing');
  const error = new TooManyJobFailuresError(report === undefined ? [] : [{ ...report, error: failed }]);
  expect(error.code).toBe('PARSL_TOO_MANY_JOB_FAILURES');
  expect(error.cause).toBe(failed);
  expect(error.message).toBe(`1 block failed, and with them the executor:
block 0: job 4711 ended as failed before any of its worker pools had registered (exit code 127)
  stdout (/run/b.out):
    loading modules
    starting
  stderr (/run/b.err):
    parsl-worker-pool: command not found`);
});
