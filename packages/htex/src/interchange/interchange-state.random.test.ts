import { expect, test } from 'vitest';

import { SimulatedRun, taskRecord } from '../testing/simulated-run.js';
import { seededRandom } from './seeded-random.js';
import { SELECTOR_NAMES } from './selector.js';

const STEPS = 1500;

/** What must hold whatever happens. Throws by itself: so many `expect` take seconds. */
function checkInvariants(run: SimulatedRun, submitted: number): void {
  const held = new Set<number>();
  let count = 0;
  for (const manager of run.state.managers.values()) {
    const given = run.given.get(manager.id) ?? [];
    const agree = given.length === manager.held.size && given.every((each) => manager.held.has(each));
    if (!agree) throw new Error(`${manager.id} has ${given.join()}, not ${[...manager.held].join()}`);
    for (const submission of given) {
      held.add(submission);
      if (run.reported.has(submission)) throw new Error(`${submission} was reported and is held`);
    }
    count += given.length;
  }
  if (held.size !== count) throw new Error('two managers hold the same task');
  const known = run.state.waiting + count + run.reported.size;
  if (known !== submitted) throw new Error(`${known} tasks of ${submitted} are known`);
  for (const manager of run.state.managers.values()) {
    if (!manager.isOpen || !manager.wantsTasks || run.state.waiting === 0) continue;
    // A task without a time limit, or one for which it has time, would not wait.
    const { missingTimeMs = 0 } = run.state;
    if (missingTimeMs <= manager.endsAt - run.now)
      throw new Error(`tasks wait while ${manager.id} wants some`);
  }
}

test.each(SELECTOR_NAMES.flatMap((selector) => [1, 2, 3].map((seed) => [selector, seed] as const)))(
  'no task is lost or run twice at once, whatever happens (%s, seed %i)',
  (selector, seed) => {
    const random = seededRandom(seed);
    const run = new SimulatedRun(selector, seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const one = <T>(items: readonly T[]) => items[below(items.length)];
    let submitted = 0;
    let joined = 0;
    const timeouts: number[] = [];
    const submit = (submission: number) =>
      run.state.addTask(taskRecord(submission, Infinity, 0, timeouts[submission]));
    const actions = [
      () => {
        for (let count = below(20); count > 0; count--) {
          timeouts.push(random() < 0.5 ? 0 : 1 + below(20_000));
          submit(submitted++);
        }
      },
      () => {
        if (run.state.managers.size > 6) return;
        const workers = 1 + below(4);
        const capacity = workers + below(8);
        const end = random() < 0.5 ? {} : { endsInMs: below(40_000) };
        run.join(`m${joined++}`, { workers, capacity, blockId: String(below(50)), pid: joined, ...end });
      },
      () => {
        const id = one([...run.given.keys()]);
        const done = (run.given.get(id ?? '') ?? []).filter(() => random() < 0.5);
        if (id !== undefined) run.finish(id, ...done);
      },
      () => {
        const recall = one(run.only('send-recall'));
        if (recall === undefined || !run.state.managers.has(recall.to)) return;
        const given = (run.given.get(recall.to) ?? []).slice(-recall.tasks);
        run.giveBack(recall.to, ...given);
      },
      () => run.cancel([below(submitted + 1), below(submitted + 1)], 'cancelled'),
      () => {
        const id = one([...run.state.managers.keys()]);
        if (id === undefined) return;
        const what = random();
        if (what < 0.1) run.state.disconnected(id, run.now);
        else if (what < 0.15) run.state.drain(id);
        else if (what < 0.2) run.state.hold([id], []);
        else if (what < 0.22) run.state.hold([], [String(below(50))]);
        else if (what < 0.3) run.state.goodbye(id);
        else if (what < 0.6) run.state.setCapacity(id, below(12));
        else run.state.heard(id, run.now);
      },
      () => {
        run.now += below(1000);
        run.state.tick(run.now);
      },
    ];
    for (let step = 0; step < STEPS; step++) {
      one(actions)?.();
      // Results may be kept back for a moment.
      run.now += 2;
      run.step();
      const again = run.only('ask-again').flatMap(({ submissions }) => submissions);
      for (const submission of again) submit(submission);
      if (again.length > 0) run.step();
      checkInvariants(run, submitted);
    }
    expect(submitted).toBeGreaterThan(500);
    expect(run.reported.size).toBeGreaterThan(100);
  },
);
