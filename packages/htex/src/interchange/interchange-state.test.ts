import { decodeError, ManagerLost, resultField, ResultStatus } from '@parsl-ts/wire';
import { describe, expect, test } from 'vitest';

import { registration, resultRecord, SimulatedRun, taskRecord } from '../testing/simulated-run.js';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('giving out tasks', () => {
  test('waits for a manager, then fills its workers and its prefetch', () => {
    const run = new SimulatedRun();
    run.submit(...range(0, 10));
    expect(run.step()).toEqual([]);
    run.join('a');
    run.step();
    expect(run.given.get('a')).toEqual([0, 1, 2, 3]);
    expect(run.state.waiting).toBe(6);
    run.finish('a', 1, 0);
    run.step();
    expect(run.given.get('a')).toEqual([2, 3, 4, 5]);
  });

  test('idle workers everywhere come before prefetch anywhere', () => {
    const run = new SimulatedRun();
    for (const id of ['a', 'b', 'c']) run.join(id, { workers: 2, capacity: 15 });
    run.submit(...range(0, 6));
    run.step();
    expect([...run.given.values()].map((given) => given.length)).toEqual([2, 2, 2]);
    run.submit(...range(6, 36));
    run.step();
    expect([...run.given.values()].map((given) => given.length)).toEqual([12, 12, 12]);
  });

  test('tasks that take less time than a message go in portions, idle workers everywhere still first', () => {
    const run = new SimulatedRun();
    for (const id of ['a', 'b']) run.join(id, { workers: 4, capacity: 4 * 256 });
    run.submit(...range(0, 8));
    run.step();
    expect([...run.given.values()].map((given) => given.length)).toEqual([4, 4]);
    run.submit(...range(8, 8 + 4 * 32));
    run.step();
    expect([...run.given.values()].map((given) => given.length)).toEqual([4 + 64, 4 + 64]);
    run.submit(1000);
    run.step();
    expect(run.only('send-tasks')).toHaveLength(1);
  });

  test('smaller priorities first, also when they come last', () => {
    const run = new SimulatedRun();
    run.state.addTask(taskRecord(0));
    run.state.addTask(taskRecord(1, 7));
    run.state.addTask(taskRecord(2, -1));
    run.join('a', { workers: 1, capacity: 2 });
    run.step();
    expect(run.given.get('a')).toEqual([2, 1]);
  });

  test('with block-id, the oldest block is filled first', () => {
    const run = new SimulatedRun('block-id');
    run.join('a', { blockId: '10' });
    run.join('b', { blockId: '2' });
    run.submit(0, 1, 2);
    run.step();
    expect(run.given).toEqual(
      new Map([
        ['b', [0, 1]],
        ['a', [2]],
      ]),
    );
  });

  test('capacity can grow, and never shrinks below the workers', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 2, capacity: 2 });
    run.submit(...range(0, 9));
    run.step();
    run.state.setCapacity('a', 5);
    run.step();
    expect(run.given.get('a')).toHaveLength(5);
    run.state.setCapacity('a', 0);
    run.finish('a', ...range(0, 5));
    run.step();
    expect(run.given.get('a')).toHaveLength(2);
  });

  test('a function is announced once to each manager, before its first task', () => {
    const run = new SimulatedRun();
    const frames = [Buffer.from('head'), Buffer.from('code')];
    run.state.addCode(3, frames);
    run.state.addTask(taskRecord(0, Infinity, 3));
    run.state.addTask(taskRecord(1, Infinity, 3));
    run.join('a', { workers: 1, capacity: 1 });
    expect(run.step().map((each) => each.do)).toEqual([
      'send-registered',
      'report-joined',
      'send-code',
      'send-tasks',
    ]);
    expect(run.only('send-code')).toEqual([{ do: 'send-code', to: 'a', frames }]);
    run.finish('a', 0);
    run.step();
    expect(run.only('send-code')).toEqual([]);
    expect(run.given.get('a')).toEqual([1]);
  });
});

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

describe('managers that go', () => {
  test('a broken connection fails the tasks after a second, with the host in the error', () => {
    const run = new SimulatedRun();
    run.join('a', { host: 'n17', blockId: '4' });
    run.submit(0, 1, 2);
    run.step();
    run.state.disconnected('a', run.now);
    run.now = 999;
    run.state.tick(run.now);
    run.submit(3);
    run.step();
    expect(run.reported.size).toBe(0);
    expect(run.state.waiting).toBe(1);
    run.now = 1000;
    run.state.tick(run.now);
    run.step();
    expect([...run.reported.keys()]).toEqual([0, 1, 2]);
    const record = run.only('report-results')[0]!.records[0]!;
    const { codec, bytes } = resultField.payload(record);
    const error = decodeError(codec, bytes);
    expect(error).toBeInstanceOf(ManagerLost);
    expect(error).toMatchObject({ code: 'PARSL_MANAGER_LOST', manager: 'a', host: 'n17', blockId: '4' });
    expect(run.only('report-left')).toEqual([
      { do: 'report-left', id: 'a', reason: 'its connection broke', lost: true },
    ]);
  });

  test('one that comes back in time keeps its tasks', () => {
    const run = new SimulatedRun();
    run.join('a');
    run.submit(0);
    run.step();
    run.state.disconnected('a', 0);
    run.now = 500;
    expect(run.state.heard('a', run.now)).toBe(true);
    run.comeBack('a', [0]);
    run.now = 2000;
    run.state.tick(run.now);
    run.finish('a', 0);
    run.step();
    expect(run.reported.get(0)).toBe(ResultStatus.succeeded);
  });

  test('silence is a loss, any message is not', () => {
    const run = new SimulatedRun();
    run.join('a');
    run.join('b');
    run.now = 119_999;
    run.state.heard('a', run.now);
    run.state.tick(run.now);
    expect(run.state.managers.size).toBe(2);
    run.now = 120_000;
    run.state.tick(run.now);
    run.step();
    expect(run.only('report-left')).toMatchObject([{ id: 'b', lost: true }]);
  });

  test('one that is not known is told to register, and what it says has no effect', () => {
    const run = new SimulatedRun();
    expect(run.state.heard('x', 0)).toBe(false);
    expect(run.step()).toEqual([{ do: 'send-unknown', to: 'x' }]);
  });

  test('with a goodbye, what was on its way to the manager is asked for again', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 4, capacity: 4 });
    run.submit(0, 1);
    run.step();
    run.finish('a', 0);
    run.state.goodbye('a');
    run.step();
    expect(run.only('ask-again')).toEqual([{ do: 'ask-again', submissions: [1] }]);
    expect([...run.reported]).toEqual([[0, ResultStatus.succeeded]]);
  });

  test('a goodbye is no loss', () => {
    const run = new SimulatedRun();
    run.join('a');
    run.step();
    run.state.goodbye('a');
    expect(run.step()).toEqual([{ do: 'report-left', id: 'a', reason: 'it has ended', lost: false }]);
  });

  test('a second process under the same name is refused and harms nobody', () => {
    const run = new SimulatedRun();
    run.join('a', { pid: 1 });
    run.submit(0);
    run.step();
    run.join('a', { pid: 2 });
    run.step();
    expect(run.last.map((each) => each.do)).toEqual(['send-refused']);
    run.finish('a', 0);
    run.step();
    expect(run.reported.has(0)).toBe(true);
  });

  test('more of them than there can be connections are refused with the reason, until one has gone', () => {
    const run = new SimulatedRun('spread', 1, { mostManagers: 2 });
    for (const id of ['a', 'b', 'c']) run.join(id);
    run.step();
    expect(run.only('send-refused')).toMatchObject([{ to: 'c' }]);
    expect(run.only('send-refused')[0]?.reason).toContain('can take 2 worker pools');
    run.join('a');
    run.step();
    expect(run.last.map((each) => each.do)).toEqual(['send-registered']);
    run.state.goodbye('a');
    run.join('c');
    run.step();
    expect([...run.state.managers.keys()]).toEqual(['b', 'c']);
  });

  test('heartbeats go to all, once in a period', () => {
    const run = new SimulatedRun();
    run.join('a');
    run.join('b');
    run.step();
    for (run.now = 0; run.now < 61_000; run.now += 200) run.state.tick(run.now);
    run.step();
    expect(run.only('send-heartbeat')).toHaveLength(4);
  });
});

describe('managers that come back', () => {
  const tasks = (...submissions: number[]) => submissions.map((submission) => taskRecord(submission));

  test('get no tasks before they have said what they hold', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 4, capacity: 4 });
    run.submit(0);
    run.step();
    run.state.reconnected('a', run.now);
    run.submit(1);
    run.step();
    expect(run.last).toEqual([{ do: 'send-unknown', to: 'a' }]);
    run.comeBack('a', [0]);
    run.step();
    expect(run.only('send-tasks')).toHaveLength(1);
    expect(run.given.get('a')).toEqual([0, 1]);
  });

  test('and lack tasks that were sent to them: these are asked for again', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 4, capacity: 4 });
    run.submit(0, 1, 2, 3);
    run.step();
    run.state.cancel([3], 'not wanted');
    run.state.reconnected('a', run.now);
    run.comeBack('a', [0]);
    run.step();
    expect(run.only('ask-again')).toEqual([{ do: 'ask-again', submissions: [1, 2] }]);
    expect([...run.reported]).toEqual([[3, ResultStatus.failed]]);
    run.submit(1, 2);
    run.step();
    expect(run.given.get('a')).toEqual([0, 1, 2]);
    run.finish('a', 0, 1, 2);
    run.step();
    expect([...run.reported.keys()].sort()).toEqual([0, 1, 2, 3]);
  });

  test('a late result counts if the task waits to be run again', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 1, capacity: 1 });
    run.submit(0);
    run.step();
    run.now = 120_000;
    run.state.tick(run.now);
    run.step();
    expect(run.reported.get(0)).toBe(ResultStatus.failed);
    // The second try of the same task.
    run.state.addTask(taskRecord(7, Infinity, 0, 0, 0));
    run.step();
    run.comeBack('a', [0]);
    run.step();
    expect(run.only('send-cancel')).toEqual([]);
    expect(run.state.waiting).toBe(0);
    run.state.cancel([7], 'stop');
    run.step();
    expect(run.only('send-cancel')).toMatchObject([{ to: 'a', submissions: [0] }]);
    run.state.addResult('a', resultRecord(0));
    run.step();
    expect(run.reported.get(7)).toBe(ResultStatus.succeeded);
  });

  test('and is dropped if it has been run again: the manager is told to stop', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 1, capacity: 1 });
    run.submit(0);
    run.step();
    run.now = 120_000;
    run.state.tick(run.now);
    run.step();
    run.join('b', { workers: 1, capacity: 1 });
    run.state.addTask(taskRecord(7, Infinity, 0, 0, 0));
    run.step();
    expect(run.given.get('b')).toEqual([7]);
    run.comeBack('a', [0]);
    run.step();
    expect(run.only('send-cancel')).toMatchObject([{ to: 'a', submissions: [0] }]);
    run.state.addResult('a', resultRecord(0));
    run.step();
    expect(run.reported.has(7)).toBe(false);
    run.finish('b', 7);
    run.step();
    expect(run.reported.get(7)).toBe(ResultStatus.succeeded);
  });

  test('nobody can claim what another manager was given up with', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 1, capacity: 1 });
    run.submit(0);
    run.step();
    run.now = 120_000;
    run.state.tick(run.now);
    run.step();
    run.state.addTask(taskRecord(7, Infinity, 0, 0, 0));
    run.step();
    run.comeBack('thief', [0, 7]);
    run.step();
    expect(run.only('send-cancel')).toMatchObject([{ to: 'thief', submissions: [0, 7] }]);
    run.state.addResult('thief', resultRecord(0));
    run.state.addResult('thief', resultRecord(99));
    run.step();
    expect([...run.reported.keys()]).toEqual([0]);
  });

  test('of another run are refused', () => {
    const run = new SimulatedRun();
    run.comeBack('a', [], { runId: 'an earlier run' });
    run.step();
    expect(run.only('send-refused')).toMatchObject([{ to: 'a' }]);
    expect(run.only('send-refused')[0]?.reason).toContain('run an earlier run, which has ended');
  });

  test('an interchange that replaces another gives out at once what nobody had, and no task twice', () => {
    const run = new SimulatedRun();
    run.state.expect('a', registration({ pid: 10 }), [0, 1, 2], run.now);
    run.state.expect('b', registration({ pid: 11 }), [3], run.now);
    for (const record of tasks(0, 1, 2, 3, 4)) run.state.addTask(record);
    run.join('c', { workers: 1, capacity: 1 });
    run.step();
    expect(run.given.get('c')).toEqual([4]);
    // The result of 0 was on its way, and 2 never came to it.
    run.comeBack('a', [0, 1], { delivered: 17 });
    run.state.addResult('a', resultRecord(0));
    run.step();
    expect(run.only('send-cancel')).toEqual([]);
    expect(run.given.get('a')).toEqual([2]);
    expect(run.state.acknowledge(run.now).results).toEqual([['a', 18]]);
    run.now = 30_000;
    run.state.tick(run.now);
    run.step();
    expect(run.only('report-left')).toMatchObject([{ id: 'b', lost: true }]);
    expect(run.reported.get(3)).toBe(ResultStatus.failed);
    run.state.addResult('a', resultRecord(1));
    run.finish('a', 2);
    run.finish('c', 4);
    run.step();
    expect([...run.reported.keys()].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(run.state.waiting).toBe(0);
  });

  test('managers may be back before the tasks are, which are not queued then', () => {
    const run = new SimulatedRun();
    run.state.expect('a', registration({ pid: 10, workers: 3, capacity: 3 }), [0, 1, 2], run.now);
    run.comeBack('a', [0, 1]);
    run.state.addResult('a', resultRecord(1));
    run.step();
    expect(run.only('ask-again')).toEqual([]);
    for (const record of tasks(0, 1, 2)) run.state.addTask(record);
    run.step();
    expect(run.given.get('a')).toEqual([2]);
    expect(run.state.waiting).toBe(0);
    run.state.addResult('a', resultRecord(0));
    run.finish('a', 2);
    run.step();
    expect([...run.reported.keys()].sort()).toEqual([0, 1, 2]);
  });

  test('are not lost because the interchange itself was stopped', () => {
    const run = new SimulatedRun();
    run.join('a');
    run.now = 300_000;
    run.state.excuse(250_000);
    run.state.tick(run.now);
    expect(run.state.managers.size).toBe(1);
    run.now = 370_000;
    run.state.tick(run.now);
    expect(run.state.managers.size).toBe(0);
  });
});

describe('recall', () => {
  test('an idle manager gets tasks that others have in stock', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 2, capacity: 10 });
    run.submit(...range(0, 8));
    run.step();
    run.join('b', { workers: 2, capacity: 10 });
    run.step();
    expect(run.only('send-recall')).toEqual([{ do: 'send-recall', to: 'a', tasks: 2 }]);
    run.step();
    expect(run.last).toEqual([]);
    run.giveBack('a', 2, 3);
    run.step();
    expect(run.given.get('b')).toEqual([2, 3]);
    expect(run.only('send-recall')).toEqual([]);
  });

  test('one that had nothing to give is left alone for a while', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 1, capacity: 10 });
    run.submit(0, 1);
    run.step();
    run.join('b', { workers: 1 });
    run.step();
    run.giveBack('a');
    run.step();
    expect(run.only('send-recall')).toEqual([]);
    expect(run.state.wakeAt()).toBe(25);
    run.now = 25;
    run.step();
    expect(run.only('send-recall')).toHaveLength(1);
  });

  test('nobody is asked while tasks wait for everybody', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 1, capacity: 3 });
    run.submit(...range(0, 20));
    run.step();
    expect(run.only('send-recall')).toEqual([]);
  });
});

describe('draining and holding', () => {
  test('a draining manager gets nothing and gives back what it has not started', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 1, capacity: 3 });
    run.submit(0, 1, 2, 3);
    run.step();
    run.state.drain('a');
    run.step();
    expect(run.only('send-recall')).toEqual([{ do: 'send-recall', to: 'a', tasks: 3 }]);
    run.giveBack('a', 1, 2);
    run.finish('a', 0);
    run.step();
    expect(run.given.get('a')).toEqual([]);
    run.join('b', { workers: 4, capacity: 4 });
    run.step();
    expect(run.given.get('b')).toEqual([1, 2, 3]);
  });

  test('a held block gets nothing, nor do its later managers', () => {
    const run = new SimulatedRun();
    run.join('a', { blockId: '1' });
    run.state.hold([], ['1']);
    run.join('b', { blockId: '1' });
    run.join('c', { blockId: '2', workers: 1, capacity: 1 });
    run.submit(0, 1);
    run.step();
    expect([...run.given.keys()]).toEqual(['c']);
    expect(run.state.waiting).toBe(1);
  });

  test('a held manager', () => {
    const run = new SimulatedRun();
    run.join('a');
    run.state.hold(['a'], []);
    run.submit(0);
    run.step();
    expect(run.state.waiting).toBe(1);
  });
});

describe('cancelling', () => {
  test('a waiting task is dropped and reported', () => {
    const run = new SimulatedRun();
    run.submit(0, 1);
    run.state.cancel([0], 'no longer wanted');
    run.step();
    expect([...run.reported]).toEqual([[0, ResultStatus.failed]]);
    expect(run.state.waiting).toBe(1);
  });

  test('a held one is the business of its manager', () => {
    const run = new SimulatedRun();
    run.join('a');
    run.submit(0);
    run.step();
    run.state.cancel([0, 5], 'x');
    run.step();
    expect(run.last).toEqual([{ do: 'send-cancel', to: 'a', submissions: [0], reason: 'x' }]);
  });

  test('one that is on its way back is not given out again', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 1, capacity: 2 });
    run.submit(0, 1);
    run.step();
    run.join('b', { workers: 1, capacity: 1 });
    run.step();
    run.state.cancel([1], 'x');
    run.giveBack('a', 1);
    run.step();
    expect([...run.reported]).toEqual([[1, ResultStatus.failed]]);
    expect(run.given.get('b') ?? []).toEqual([]);
  });
});

test('everybody is told when the run ends, and goes without being lost', () => {
  const run = new SimulatedRun();
  run.state.register('a', registration(), 0);
  run.step();
  run.state.shutdown();
  run.state.disconnected('a', 0);
  expect(run.step().map((each) => each.do)).toEqual(['send-shutdown', 'report-left']);
  expect(run.state.managers.size).toBe(0);
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
    run.state.cancel(a, 'no need');
    fail(run, 'a', ...a);
    run.state.drain('c');
    fail(run, 'c', ...c);
    run.step();
    expect(run.only('report-bad')).toEqual([]);
  });
});

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
    run.state.cancel([0], 'no need');
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
