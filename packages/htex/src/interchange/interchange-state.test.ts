import { ResultStatus } from '@parsl-ts/wire';
import { describe, expect, test } from 'vitest';

import { range, resultRecord, SimulatedRun, taskRecord } from '../testing/simulated-run.js';

describe('results', () => {
  test('count once, and only from the manager that holds the task', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 1, capacity: 1 });
    run.join('b', { workers: 1, capacity: 1 });
    run.submit(0, 1);
    run.step();
    const holder = run.given.get('a')?.includes(0) === true ? 'a' : 'b';
    const other = holder === 'a' ? 'b' : 'a';
    run.state.addResult(other, resultRecord(0));
    run.step();
    expect(run.reported.has(0)).toBe(false);
    run.finish(holder, 0);
    run.state.addResult(holder, resultRecord(0));
    run.state.addResult(holder, resultRecord(77));
    run.step();
    expect([...run.reported]).toEqual([[0, ResultStatus.succeeded]]);
  });

  test('a started task goes on', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 1, capacity: 1 });
    run.submit(0);
    run.step();
    run.state.addResult('a', resultRecord(0, ResultStatus.started));
    run.step();
    expect(run.only('report-results')[0]?.records).toHaveLength(1);
    run.finish('a', 0);
    run.step();
    expect(run.reported.get(0)).toBe(ResultStatus.succeeded);
  });
});

describe('cancelling', () => {
  test('a waiting task is dropped and reported', () => {
    const run = new SimulatedRun();
    run.submit(0, 1);
    run.cancel([0], 'no longer wanted');
    run.step();
    expect([...run.reported]).toEqual([[0, ResultStatus.failed]]);
    expect(run.state.waiting).toBe(1);
  });

  test.each([
    ['for any manager', {}, 0],
    ['for one that has more time', { workers: 1, endsInMs: 1 }, 1000],
  ])('one by one, nobody looks at all that wait %s', (_what, manager, timeoutMs) => {
    const [waiting, cancelled] = [5000, 500];
    const run = new SimulatedRun();
    run.join('a', { ...manager, capacity: 2 });
    run.state.hold(timeoutMs === 0 ? ['a'] : [], []);
    let looks = 0;
    for (const submission of range(0, waiting)) {
      const { source, ...rest } = taskRecord(submission, Infinity, 0, timeoutMs);
      run.state.addTask({
        ...rest,
        get source() {
          looks++;
          return source;
        },
      });
    }
    run.step();
    looks = 0;
    for (const submission of range(0, cancelled)) {
      run.cancel([submission * 10], 'no longer wanted');
      run.now += 2;
      run.step();
    }
    expect(run.reported.size).toBe(cancelled);
    expect(run.state.waiting).toBe(waiting - cancelled);
    expect(looks).toBeLessThan(2 * (waiting + cancelled));
  });

  test('a held one is the business of its manager', () => {
    const run = new SimulatedRun();
    run.join('a');
    run.submit(0);
    run.step();
    run.cancel([0, 5], 'x');
    run.step();
    expect(run.last).toEqual([{ do: 'send-cancel', to: 'a', submissions: [0], reason: 'x' }]);
  });

  test('each is told its own reason', () => {
    const run = new SimulatedRun();
    for (const id of ['a', 'b']) run.join(id, { workers: 2, capacity: 2 });
    run.submit(...range(0, 6));
    run.step();
    const [first, second] = run.given.get('a') ?? [];
    const [other] = run.given.get('b') ?? [];
    run.state.cancel([
      { submissions: [first!, 4], reason: 'too late' },
      { submissions: [other!, second!, 5], reason: 'too dear' },
    ]);
    run.step();
    expect(run.only('send-cancel')).toEqual([
      { do: 'send-cancel', to: 'a', submissions: [first], reason: 'too late' },
      { do: 'send-cancel', to: 'a', submissions: [second], reason: 'too dear' },
      { do: 'send-cancel', to: 'b', submissions: [other], reason: 'too dear' },
    ]);
    expect([...run.reported.keys()]).toEqual([4, 5]);
  });

  test('one that is on its way back is not given out again', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 1, capacity: 2 });
    run.submit(0, 1);
    run.step();
    run.join('b', { workers: 1, capacity: 1 });
    run.step();
    run.cancel([1], 'x');
    run.giveBack('a', 1);
    run.step();
    expect([...run.reported]).toEqual([[1, ResultStatus.failed]]);
    expect(run.given.get('b') ?? []).toEqual([]);
  });
});

describe('reporting', () => {
  test('at once while workers wait for work, in batches while they have plenty', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 2, capacity: 100 });
    run.submit(...range(0, 20));
    run.step();
    run.now = 10;
    run.finish('a', 0);
    run.step();
    expect([...run.reported.keys()]).toEqual([0]);
    run.now = 10.2;
    run.finish('a', 1, 2);
    run.step();
    expect(run.reported.size).toBe(1);
    expect(run.state.wakeAt()).toBe(11);
    run.now = 11;
    run.step();
    expect([...run.reported.keys()]).toEqual([0, 1, 2]);
    run.now = 11.1;
    run.finish('a', ...range(3, 18));
    run.step();
    expect(run.reported.size).toBe(18);
  });

  test('a full stock is not refilled task by task', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 2, capacity: 102 });
    run.submit(...range(0, 200));
    run.step();
    run.finish('a', ...range(0, 25));
    run.step();
    expect(run.only('send-tasks')).toEqual([]);
    run.finish('a', 25);
    run.step();
    expect(run.only('send-tasks')[0]?.records).toHaveLength(26);
  });
});

describe('a manager on which tasks fail', () => {
  const fail = (run: SimulatedRun, id: string, ...submissions: number[]) => {
    for (const submission of submissions)
      run.state.addResult(id, resultRecord(submission, ResultStatus.failed));
  };
  const withManagers = (badNodes?: { failureRatio: number; minFailures: number }) => {
    const run = new SimulatedRun('spread', 1, { badNodes });
    for (const id of ['a', 'b', 'c']) run.join(id, { workers: 10, capacity: 10 });
    run.submit(...range(0, 40));
    run.step();
    run.finish('b', ...(run.given.get('b') ?? []));
    return run;
  };

  test('and not elsewhere is held and told of', () => {
    const run = withManagers({ failureRatio: 10, minFailures: 10 });
    fail(run, 'a', ...(run.given.get('a') ?? []));
    run.step();
    expect(run.only('report-bad')).toMatchObject([
      { pool: { id: 'a', host: 'node', failed: 10, ended: 10, failedElsewhere: 0, ranElsewhere: 10 } },
    ]);
    expect(run.state.managers.get('a')).toMatchObject({ onHold: true, isOpen: false });
    expect(run.state.managers.get('b')?.held.size).toBe(10);
  });

  test.each([
    ['go on elsewhere', ['a']],
    ['were begun elsewhere and given back', []],
    ['were begun elsewhere and got lost with a connection', []],
  ])('while others %s', (others, held) => {
    const run = new SimulatedRun('spread', 1, { badNodes: { failureRatio: 10, minFailures: 10 } });
    for (const id of ['a', 'b']) run.join(id, { workers: 10, capacity: 10 });
    run.submit(...range(0, 20));
    run.step();
    const elsewhere = run.given.get('b') ?? [];
    for (const submission of elsewhere) {
      run.state.addResult('b', resultRecord(submission, ResultStatus.started));
    }
    if (others.includes('given back')) run.giveBack('b', ...elsewhere);
    if (others.includes('got lost')) {
      run.state.disconnected('b', run.now);
      run.comeBack('b', []);
    }
    run.now = 1000;
    run.state.heard('a', run.now);
    fail(run, 'a', ...(run.given.get('a') ?? []));
    run.step();
    expect(run.only('report-bad').map(({ pool }) => pool.id)).toEqual(held);
  });

  test('is left alone when that is not wanted', () => {
    const run = withManagers();
    fail(run, 'a', ...(run.given.get('a') ?? []));
    run.step();
    expect(run.only('report-bad')).toEqual([]);
  });

  test('is left alone when no other gets tasks', () => {
    const run = withManagers({ failureRatio: 10, minFailures: 10 });
    run.state.drain('b');
    run.state.hold(['c'], []);
    fail(run, 'a', ...(run.given.get('a') ?? []));
    run.step();
    expect(run.only('report-bad')).toEqual([]);
  });

  test('is left alone when they fail because they were cancelled, or because it ends', () => {
    const run = withManagers({ failureRatio: 10, minFailures: 10 });
    const [a, c] = [run.given.get('a') ?? [], run.given.get('c') ?? []];
    run.cancel(a, 'no need');
    fail(run, 'a', ...a);
    run.state.drain('c');
    fail(run, 'c', ...c);
    run.step();
    expect(run.only('report-bad')).toEqual([]);
  });
});
