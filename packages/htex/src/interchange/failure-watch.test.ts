import { describe, expect, test } from 'vitest';

import { FailureWatch, type BadNodeRules } from './failure-watch.js';
import type { FunctionOutcomes, ManagerOutcomes } from './outcomes.js';
import { seededRandom } from './seeded-random.js';

const RULES: BadNodeRules = { failureRatio: 10, minFailures: 10 };
const MINUTE = 60_000;

/** A watch over some managers, fed with outcomes one by one. */
class Trial {
  readonly watch: FailureWatch;
  readonly managers: ManagerOutcomes[];
  now = 0;
  mayHold = true;
  private submission = 0;

  constructor(managers: number, rules: BadNodeRules = RULES) {
    this.watch = new FailureWatch(rules);
    this.managers = Array.from({ length: managers }, () => this.watch.joined());
  }

  succeed(manager: number, count: number, fn = 0): void {
    for (let left = count; left > 0; left--)
      this.watch.succeeded(this.managers[manager]!, fn, this.submission++);
  }

  /** How many tasks fail until the manager is held; `undefined`: it is not held. */
  fail(manager: number, count: number, { fn = 0, runtimeMs = 1 } = {}): number | undefined {
    for (let failed = 1; failed <= count; failed++) {
      this.watch.failed(this.managers[manager]!, fn, this.submission++, 1000 * runtimeMs);
      if (this.judge(manager) !== undefined) return failed;
    }
    return undefined;
  }

  start(manager: number, count: number, fn = 0): number[] {
    return Array.from({ length: count }, () => {
      this.watch.started(this.managers[manager]!, fn, this.submission, this.now);
      return this.submission++;
    });
  }

  judge(manager: number) {
    return this.watch.judge(this.managers[manager]!, this.now, () => this.mayHold);
  }
}

describe('a manager is held', () => {
  test('when 10 tasks have failed on it, and 10 elsewhere have not', () => {
    const trial = new Trial(4);
    trial.succeed(1, 10);
    expect(trial.fail(0, 100)).toBe(10);
  });

  test('and the numbers say why', () => {
    const trial = new Trial(4);
    trial.succeed(0, 2);
    trial.succeed(1, 30);
    trial.fail(2, 3);
    for (let count = 0; count < 11; count++) trial.watch.failed(trial.managers[0]!, 0, 1000 + count, 1);
    expect(trial.judge(0)).toBeUndefined();
    trial.succeed(3, 70);
    expect(trial.judge(0)).toEqual({ failed: 11, ended: 13, failedElsewhere: 3, ranElsewhere: 103 });
  });

  test('after some hundred failures, however long all went well on it before', () => {
    const trial = new Trial(2);
    trial.succeed(0, 100_000);
    trial.succeed(1, 100_000);
    expect(trial.fail(0, 1000)).toBeLessThan(130);
  });

  test('before the first task elsewhere has ended, if those go on for longer than it took to fail', () => {
    const trial = new Trial(4);
    trial.start(1, 6);
    trial.start(2, 6);
    trial.now += 50;
    expect(trial.fail(0, 20, { runtimeMs: 30 })).toBeUndefined();
    trial.now += 50;
    expect(trial.fail(0, 1, { runtimeMs: 30 })).toBe(1);
  });

  test('also while another one is held already, which no longer counts', () => {
    const trial = new Trial(8);
    for (const manager of [1, 2, 3]) trial.succeed(manager, 20);
    expect(trial.fail(0, 200)).toBe(10);
    expect(trial.fail(0, 200)).toBeUndefined();
    expect(trial.fail(7, 200)).toBe(10);
  });

  test('for many functions that each fail once', () => {
    const trial = new Trial(4);
    for (let fn = 0; fn < 40; fn++) trial.succeed(1, 30, fn);
    const held = Array.from({ length: 40 }, (_, fn) => trial.fail(0, 1, { fn })).indexOf(1);
    expect(held).toBe(9);
  });
});

describe('a manager is not held', () => {
  test.each([0, 1, 50])('when the function fails everywhere (%i successes first)', (succeeded) => {
    const trial = new Trial(8);
    for (const manager of trial.managers.keys()) trial.succeed(manager, succeeded);
    for (let round = 0; round < 300; round++) {
      for (const manager of trial.managers.keys()) expect(trial.fail(manager, 1)).toBeUndefined();
    }
  });

  test('when it is alone', () => {
    const trial = new Trial(1);
    trial.succeed(0, 50);
    expect(trial.fail(0, 1000)).toBeUndefined();
  });

  test('when it is the last that gets tasks', () => {
    const trial = new Trial(4);
    trial.succeed(1, 50);
    trial.mayHold = false;
    expect(trial.fail(0, 1000)).toBeUndefined();
    trial.mayHold = true;
    expect(trial.fail(0, 1)).toBe(1);
  });

  test('for a function that ran nowhere else', () => {
    const trial = new Trial(4);
    trial.succeed(1, 1000, 0);
    expect(trial.fail(0, 1000, { fn: 1 })).toBeUndefined();
  });

  test('when too little is known of others', () => {
    const trial = new Trial(4);
    trial.succeed(1, 9);
    expect(trial.fail(0, 1000)).toBeUndefined();
  });

  test('when fewer than half of its tasks fail', () => {
    const trial = new Trial(4);
    trial.succeed(1, 100);
    for (let round = 0; round < 500; round++) {
      trial.succeed(0, 2);
      expect(trial.fail(0, 1)).toBeUndefined();
    }
  });

  test('because it fails first what fails everywhere after a while', () => {
    const trial = new Trial(4);
    for (const manager of [1, 2, 3]) trial.start(manager, 16);
    trial.now += 10 * MINUTE;
    expect(trial.fail(0, 16, { runtimeMs: 10 * MINUTE })).toBeUndefined();
  });

  test('for what its cancelled tasks answer', () => {
    const trial = new Trial(4);
    trial.succeed(1, 100);
    for (const submission of trial.start(0, 20)) trial.watch.ended(trial.managers[0]!, submission);
    expect(trial.fail(0, 9)).toBeUndefined();
  });

  test('for an old burst of failures', () => {
    const trial = new Trial(4);
    trial.succeed(1, 100);
    expect(trial.fail(0, 9)).toBeUndefined();
    trial.watch.tick(0);
    trial.watch.tick((trial.now = 60 * MINUTE));
    trial.succeed(1, 100);
    expect(trial.fail(0, 9)).toBeUndefined();
    expect(trial.fail(0, 1)).toBe(1);
  });

  test('when a quarter of all are held already', () => {
    const trial = new Trial(8);
    trial.succeed(7, 100);
    expect([0, 1, 2, 3].map((manager) => trial.fail(manager, 100))).toEqual([10, 10, undefined, undefined]);
    for (const manager of [0, 1, 3]) trial.watch.left(trial.managers[manager]!);
    expect(trial.fail(2, 100)).toBe(1);
  });
});

test('whoever has left counts no more', () => {
  const trial = new Trial(3);
  trial.succeed(1, 50);
  trial.start(1, 50);
  trial.watch.left(trial.managers[1]!);
  trial.now += MINUTE;
  expect(trial.fail(0, 100)).toBeUndefined();
});

/** What functions remember must be the sum over their managers. */
function checkSums(managers: readonly ManagerOutcomes[]): void {
  const sums = new Map<FunctionOutcomes, { succeeded: number; failed: number; running: number }>();
  const sumOf = (fn: FunctionOutcomes) => {
    const sum = sums.get(fn) ?? { succeeded: 0, failed: 0, running: 0 };
    sums.set(fn, sum);
    return sum;
  };
  for (const manager of managers) {
    if (manager.tallies.size > 64) throw new Error(`${manager.tallies.size} functions are remembered`);
    for (const tally of manager.tallies.values()) {
      sumOf(tally.everywhere).succeeded += tally.succeeded;
      sumOf(tally.everywhere).failed += tally.failed;
    }
    for (const fn of manager.running.values()) sumOf(fn).running++;
  }
  for (const [fn, sum] of sums) {
    const near = (a: number, b: number) => Math.abs(a - b) < 1e-6;
    const agree =
      near(fn.succeeded, sum.succeeded) && near(fn.failed, sum.failed) && fn.running.size === sum.running;
    if (!agree) throw new Error(`${JSON.stringify(fn)} is not ${JSON.stringify(sum)}`);
  }
}

test.each([1, 2, 3, 4, 5])('sums are right, whatever happens (seed %i)', (seed) => {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const trial = new Trial(4);
  for (let step = 0; step < 2000; step++) {
    const manager = below(4);
    const fn = below(80);
    const actions = [
      () => trial.succeed(manager, below(200), fn),
      () => trial.fail(manager, below(20), { fn }),
      () => trial.start(manager, below(20), fn),
      () => trial.watch.tick((trial.now += below(10) * MINUTE)),
      () => {
        trial.watch.left(trial.managers[manager]!);
        trial.managers[manager] = trial.watch.joined();
      },
    ];
    actions[below(actions.length)]?.();
    checkSums(trial.managers);
  }
});

test.each([0.05, 0.3, 0.6, 0.9, 1])('managers that fail alike are not held by chance (rate %d)', (rate) => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom(seed);
    const trial = new Trial(8);
    for (let round = 0; round < 500; round++) {
      for (const manager of trial.managers.keys()) {
        if (random() >= rate) trial.succeed(manager, 1);
        else if (trial.fail(manager, 1) !== undefined) throw new Error(`held, with seed ${seed}`);
      }
    }
  }
});
