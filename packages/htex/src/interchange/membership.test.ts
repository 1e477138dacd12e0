import { decodeError, ManagerLost, resultField, ResultStatus } from '@parsl-ts/wire';
import { describe, expect, test } from 'vitest';

import { registration, resultRecord, SimulatedRun, taskRecord } from '../testing/simulated-run.js';

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
    expect(run.step()).toEqual([{ do: 'send-unknown', to: 'x', asked: 1 }]);
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

  test('have what they were given since they answered: an answer to an earlier question says nothing of it', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 4, capacity: 4 });
    run.state.disconnected('a', run.now);
    run.state.heard('a', run.now);
    run.submit(0);
    run.step();
    const [first, second] = run.only('send-unknown').map(({ asked }) => asked);
    run.comeBack('a', [], { asked: first! });
    run.step();
    expect(run.given.get('a')).toEqual([0]);
    run.comeBack('a', [], { asked: second!, delivered: 5 });
    expect(run.step()).toEqual([]);
    expect([...run.state.managers.get('a')!.held]).toEqual([0]);
    expect(run.state.managers.get('a')?.results).toBe(5);
  });

  test('do not answer to another interchange', () => {
    const run = new SimulatedRun();
    run.state.expect('a', registration(), [0, 1], run.now);
    for (const submission of [0, 1]) run.state.addTask(taskRecord(submission));
    run.comeBack('a', [0], { asked: 2 ** 45 });
    expect(run.step()).toEqual([]);
    run.comeBack('a', [0, 1]);
    run.step();
    expect(run.only('send-tasks')).toEqual([]);
    expect(run.state.waiting).toBe(0);
  });

  test('get no tasks before they have said what they hold', () => {
    const run = new SimulatedRun();
    run.join('a', { workers: 4, capacity: 4 });
    run.submit(0);
    run.step();
    run.state.reconnected('a', run.now);
    run.submit(1);
    run.step();
    expect(run.last).toEqual([{ do: 'send-unknown', to: 'a', asked: 1 }]);
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
    run.cancel([3], 'not wanted');
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
    run.cancel([7], 'stop');
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
    expect(run.state.acknowledge(run.now).delivered).toEqual([['a', { results: 18, last: 0 }]]);
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

test('everybody is told when the run ends, and goes without being lost', () => {
  const run = new SimulatedRun();
  run.state.register('a', registration(), 0);
  run.step();
  run.state.shutdown();
  run.state.disconnected('a', 0);
  expect(run.step().map((each) => each.do)).toEqual(['send-shutdown', 'report-left']);
  expect(run.state.managers.size).toBe(0);
});
