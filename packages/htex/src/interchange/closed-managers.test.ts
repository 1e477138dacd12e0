import { describe, expect, test } from 'vitest';

import { range, registration, SimulatedRun } from '../testing/simulated-run.js';

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

  test('a held manager that was lost and comes back', () => {
    const run = new SimulatedRun();
    run.join('a');
    run.state.hold(['a'], []);
    run.now = 120_000;
    run.state.tick(run.now);
    run.step();
    expect(run.only('report-left')).toMatchObject([{ id: 'a', lost: true }]);
    run.join('a');
    run.submit(0);
    run.step();
    expect(run.state.managers.get('a')?.onHold).toBe(true);
    expect(run.state.waiting).toBe(1);
  });

  test('a manager that was held before it came', () => {
    const run = new SimulatedRun();
    run.state.hold(['a'], []);
    run.join('a');
    run.state.expect('b', registration(), [], run.now);
    run.submit(0);
    run.step();
    expect(run.state.managers.get('a')?.onHold).toBe(true);
    expect(run.state.managers.get('b')?.onHold).toBe(false);
    expect(run.state.waiting).toBe(1);
  });

  test('what is remembered of managers that are not there is bounded, and goes with them', () => {
    const run = new SimulatedRun();
    run.join('a');
    run.join('b');
    run.state.hold(['a', 'b', 'gone'], []);
    run.state.goodbye('b');
    run.state.hold(
      range(0, 70_000).map((index) => `m${index}`),
      [],
    );
    for (const id of ['a', 'b', 'gone', 'm69999']) run.join(id);
    const held = [...run.state.managers.values()].filter(({ onHold }) => onHold);
    expect(held.map(({ id }) => id)).toEqual(['a', 'm69999']);
  });
});
