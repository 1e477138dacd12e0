import { describe, expect, test } from 'vitest';

import { range, SimulatedRun, taskRecord } from '../testing/simulated-run.js';

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
