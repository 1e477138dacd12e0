import { afterEach, expect, test, vi } from 'vitest';

import { registration, SimulatedRun } from '../testing/simulated-run.js';
import { Manager } from './manager.js';
import { SELECTOR_NAMES, type SelectorName } from './selector.js';

const MANAGERS = 8192;
const WORKERS = 4;

afterEach(() => vi.restoreAllMocks());

/** Counts how often a manager is looked at while `work` is done. */
function looksDuring(work: () => void): number {
  const spies = (['isOpen', 'idleWorkers', 'room', 'wantsTasks', 'excess'] as const).map((name) =>
    vi.spyOn(Manager.prototype, name, 'get'),
  );
  work();
  const looks = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  for (const spy of spies) spy.mockRestore();
  return looks;
}

function runWithMany(selector: SelectorName = 'spread'): SimulatedRun {
  const run = new SimulatedRun(selector);
  for (let index = 0; index < MANAGERS; index++) {
    run.join(`m${index}`, { workers: WORKERS, capacity: WORKERS, blockId: String(index % 7) });
  }
  run.step();
  run.state.takeChanged();
  return run;
}

function submitMany(run: SimulatedRun, tasks: number): void {
  for (let submission = 0; submission < tasks; submission++) run.submit(submission);
}

test.each(SELECTOR_NAMES)(
  'with thousands of managers, a task costs looks at few of them (%s)',
  (selector) => {
    const run = runWithMany(selector);
    const looks = looksDuring(() => {
      run.submit(0);
      run.step();
    });
    expect(run.given.size).toBe(1);
    expect(looks).toBeLessThan(40);
  },
);

test('so does a result, also while others have tasks to give back', () => {
  const run = runWithMany();
  for (let index = 0; index < MANAGERS / 2; index++) run.state.setCapacity(`m${index}`, 2 * WORKERS);
  submitMany(run, WORKERS * MANAGERS * 1.5);
  run.step();
  const [id, given] = [...run.given].find(([, each]) => each.length === WORKERS)!;
  const looks = looksDuring(() => {
    run.finish(id, given[0]!);
    run.step();
  });
  // The idle worker gets a task from a manager that has more than it can run.
  expect(run.only('send-recall')).toHaveLength(1);
  expect(run.only('report-results')).toHaveLength(1);
  expect(looks).toBeLessThan(40);
});

test('so do a manager that joins, one that is heard, one that goes, and nothing at all', () => {
  const run = runWithMany();
  const events = [
    () => run.join('new', registration({ pid: 7 })),
    () => void run.state.heard('m5', 1),
    () => run.state.goodbye('m6'),
    () => run.state.disconnected('m7', 1),
    () => run.state.tick(2),
    () => undefined,
  ];
  for (const event of events) {
    const looks = looksDuring(() => {
      event();
      run.step();
      run.state.wakeAt();
    });
    expect(looks, event.toString()).toBeLessThan(20);
  }
  expect([...run.state.takeChanged()].map(({ id }) => id)).toEqual(['new', 'm7']);
});

test('they get as much as each other', () => {
  const run = runWithMany();
  submitMany(run, 3 * MANAGERS);
  run.step();
  expect(run.given.size).toBe(MANAGERS);
  expect([...run.given.values()].every((given) => given.length === 3)).toBe(true);
});
