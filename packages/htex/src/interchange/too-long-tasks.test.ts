import { decodeError, resultField, ResultStatus } from '@parsl-ts/wire';
import { describe, expect, test } from 'vitest';

import { SimulatedRun, taskRecord } from '../testing/simulated-run.js';

describe('managers that end', () => {
  const MINUTE = 60_000;
  const timed = (run: SimulatedRun, submission: number, minutes: number, priority = Infinity) =>
    run.state.addTask(taskRecord(submission, priority, 0, minutes * MINUTE));
  const given = (run: SimulatedRun) => Object.fromEntries(run.given);

  test('get no task that may run for longer than they are there', () => {
    const run = new SimulatedRun();
    run.join('short', { workers: 2, capacity: 4, endsInMs: 10 * MINUTE });
    for (const [submission, minutes] of [11, 10, 0, 30].entries()) timed(run, submission, minutes);
    run.step();
    expect(given(run)).toEqual({ short: [1, 2] });
    expect(run.state).toMatchObject({ waiting: 2, missingTimeMs: 11 * MINUTE });
    expect(run.state.longestTimeLeft(run.now)).toBe(10 * MINUTE);
    run.join('long', { workers: 1, capacity: 1, endsInMs: 15 * MINUTE });
    run.step();
    expect(given(run)).toEqual({ short: [1, 2], long: [0] });
    run.join('endless', { workers: 1, capacity: 1 });
    run.step();
    expect(run.given.get('endless')).toEqual([3]);
    expect(run.state).toMatchObject({ waiting: 0, missingTimeMs: undefined });
  });

  test('have less time from minute to minute, also for what they give back', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 1, capacity: 2, endsInMs: 10 * MINUTE });
    timed(run, 0, 9);
    timed(run, 1, 9);
    run.step();
    expect(given(run)).toEqual({ a: [0, 1] });
    run.now += 2 * MINUTE;
    run.state.heard('a', run.now);
    run.finish('a', 0);
    run.given.set('a', []);
    run.state.takeBack('a', [taskRecord(1, Infinity, 0, 9 * MINUTE)], run.now);
    run.step();
    expect(given(run)).toEqual({ a: [] });
    expect(run.state.waiting).toBe(1);
    run.join('a', { workers: 1, capacity: 2, endsInMs: 9 * MINUTE });
    run.step();
    expect(given(run)).toEqual({ a: [1] });
  });

  test('leave those that wait for more time in the order of their priorities', () => {
    const run = new SimulatedRun();
    run.join('short', { workers: 1, capacity: 1, endsInMs: MINUTE });
    for (const [submission, priority] of [5, 3, Infinity, 3].entries()) timed(run, submission, 5, priority);
    run.step();
    run.join('long', { workers: 4, capacity: 4, endsInMs: 10 * MINUTE });
    run.step();
    expect(run.given.get('long')).toEqual([1, 3, 0, 2]);
  });

  test('and a task that waits for more time can be cancelled', () => {
    const run = new SimulatedRun();
    run.join('short', { endsInMs: MINUTE });
    timed(run, 0, 5);
    run.step();
    run.cancel([0], 'no need');
    run.step();
    expect(run.reported.get(0)).toBe(ResultStatus.failed);
    expect(run.state.waiting).toBe(0);
  });

  test('fail a task for which three new blocks in a row have too little time', () => {
    const run = new SimulatedRun('spread', 1, { longestTaskMs: 60 * MINUTE });
    run.join('old', { blockId: '0', endsInMs: MINUTE });
    timed(run, 0, 59);
    timed(run, 1, 57);
    run.step();
    run.join('m1', { blockId: '1', endsInMs: 55 * MINUTE });
    run.join('m2', { blockId: '1', endsInMs: 55 * MINUTE });
    run.join('m3', { blockId: '2', endsInMs: 56 * MINUTE });
    run.step();
    expect(run.state.waiting).toBe(2);
    run.join('m4', { blockId: '3', endsInMs: 58 * MINUTE });
    run.step();
    expect(run.given.get('m4')).toEqual([1]);
    for (const block of [4, 5]) run.join(`n${block}`, { blockId: String(block), endsInMs: 55 * MINUTE });
    run.step();
    expect(run.state.waiting).toBe(1);
    run.join('n6', { blockId: '6', endsInMs: 54 * MINUTE });
    run.state.goodbye('m4');
    run.step();
    expect(run.state.waiting).toBe(0);
    expect(run.reported.get(0)).toBe(ResultStatus.failed);
  });

  test('fail a task for which no block has time, unless some manager does', () => {
    const run = new SimulatedRun('spread', 1, { longestTaskMs: 60 * MINUTE });
    timed(run, 0, 61);
    run.step();
    expect(run.reported.size).toBe(0);
    run.join('endless', { workers: 1, capacity: 1 });
    run.join('late', { endsInMs: 5 * MINUTE });
    run.step();
    timed(run, 1, 60);
    timed(run, 2, 62);
    run.step();
    expect([...run.reported.keys()]).toEqual([]);
    run.state.goodbye('endless');
    run.step();
    const errors = run.only('report-results').flatMap(({ records }) =>
      records.map((record) => {
        const { codec, bytes } = resultField.payload(record);
        return decodeError(codec, bytes);
      }),
    );
    expect(errors.map(({ name }) => name)).toEqual(['WalltimeTooShortError']);
    expect(run.only('ask-again')).toEqual([{ do: 'ask-again', submissions: [0] }]);
    expect(errors[0]).toMatchObject({
      ...{ code: 'PARSL_WALLTIME_TOO_SHORT', timeoutMs: 62 * MINUTE, availableMs: 60 * MINUTE },
      message: expect.stringContaining('3720000, and a block has time for 3600000') as string,
    });
    expect(run.state.waiting).toBe(1);
  });
});
