import { describe, expect, test } from 'vitest';

import { seededRandom } from '../testing/seeded-random.js';
import { SimulatedPool } from '../testing/simulated-pool.js';

function poolOf(workers: number, functions = 1, prefetchCapacity?: number, endAt?: number): SimulatedPool {
  const pool = new SimulatedPool(workers, prefetchCapacity, endAt);
  for (let index = 0; index < functions; index++) pool.handle({ type: 'function', index });
  pool.readAll();
  return pool;
}

/** Lets function 0 become known as short. */
function warm(pool: SimulatedPool): void {
  pool.submit(Array.from({ length: 50 }, () => ({})));
  pool.advance(20);
  expect(pool.open).toEqual([]);
  pool.instructions.length = 0;
}

describe('work is given out', () => {
  test('to workers that are ready only', () => {
    const pool = new SimulatedPool(2);
    pool.handle({ type: 'function', index: 0 });
    pool.submit([{}, {}]);
    expect(pool.instructions).toEqual([]);
    pool.read(1);
    expect(pool.instructions.map(({ type }) => type)).toEqual(['announce', 'run']);
  });

  test('one task at a time as long as nothing is known of the function', () => {
    const pool = poolOf(2);
    pool.submit(Array.from({ length: 6 }, () => ({ durationMs: 5 })));
    pool.advance(1);
    expect(pool.started).toEqual([1, 2]);
  });

  test('several at a time when the function is known to be short', () => {
    const pool = poolOf(1);
    warm(pool);
    pool.submit(Array.from({ length: 40 }, () => ({})));
    const runs = pool.instructions.filter((instruction) => instruction.type === 'run');
    expect(runs.map((run) => run.records.length)).toEqual([1, 39]);
    expect(runs.map((run) => run.leaseUntil)).toEqual([Infinity, pool.now + 25]);
  });

  test('anew only when all is read that was written until the end of the lease', () => {
    const pool = poolOf(2);
    warm(pool);
    pool.submit(Array.from({ length: 40 }, () => ({})));
    pool.instructions.length = 0;
    const givenAt = pool.now;
    // The workers may have started any of them since what was read last, and the manager comes late.
    pool.now += 40;
    pool.handle({ type: 'recall', tasks: 40 });
    pool.handle({ type: 'wake', readAt: givenAt + 25 });
    pool.handle({ type: 'recall', tasks: 40 });
    pool.handle({ type: 'wake', readAt: givenAt + 26 });
    pool.handle({ type: 'recall', tasks: 40 });
    const returned = pool.instructions.filter((instruction) => instruction.type === 'return');
    // What no worker had been given; nothing; what workers had not started, but for the first task of each.
    expect(returned.map(({ records }) => records.length)).toEqual([2, 0, 36]);
  });

  test('in order of priority, then of arrival', () => {
    const pool = poolOf(1);
    pool.submit([{ durationMs: 5 }, { priority: 9 }, { priority: 1 }, {}, { priority: 9 }]);
    pool.advance(50);
    expect(pool.started).toEqual([3, 2, 5, 1, 4]);
  });

  test('a function is announced once to each worker process', () => {
    const pool = poolOf(1);
    pool.submit([{ durationMs: 1 }, { durationMs: 1 }]);
    pool.advance(10);
    pool.die(0);
    pool.submit([{}]);
    pool.advance(10);
    expect(pool.instructions.filter(({ type }) => type === 'announce')).toHaveLength(2);
  });
});

describe('a long task', () => {
  test('does not hold back short ones that lie behind it in its worker', () => {
    const pool = poolOf(2);
    warm(pool);
    const [long] = pool.submit([{ durationMs: 10_000 }, ...Array.from({ length: 60 }, () => ({}))]);
    pool.advance(100);
    expect(pool.open).toEqual([long]);
  });

  test('makes its function a long one', () => {
    const pool = poolOf(2);
    warm(pool);
    pool.submit([{ durationMs: 10_000 }, ...Array.from({ length: 60 }, () => ({ durationMs: 10 }))]);
    pool.advance(30);
    pool.instructions.length = 0;
    pool.advance(300);
    const runs = pool.instructions.filter((instruction) => instruction.type === 'run');
    expect(runs.every((run) => run.records.length === 1)).toBe(true);
  });

  test('is reported as started after a while, once; short ones are not', () => {
    const pool = poolOf(2);
    const [long] = pool.submit([{ durationMs: 1000 }, { durationMs: 10 }]);
    pool.advance(900);
    expect(pool.told).toEqual([long]);
  });
});

describe('a worker that dies', () => {
  test('fails the task that runs; those behind it run elsewhere', () => {
    const pool = poolOf(1);
    warm(pool);
    const [first] = pool.submit([{ durationMs: 100 }, ...Array.from({ length: 10 }, () => ({}))]);
    pool.advance(1);
    pool.die(0);
    pool.advance(20);
    expect(pool.answers.get(first!)).toBe('failed');
    expect([...pool.answers.values()].filter((answer) => answer === 'failed')).toHaveLength(1);
    expect(pool.open).toEqual([]);
  });

  test('without having started its tasks fails none', () => {
    const pool = poolOf(1);
    pool.submit([{ durationMs: 10 }]);
    pool.handle({ type: 'leaving', rank: 0 });
    pool.die(0, null);
    pool.advance(20);
    expect([...pool.answers.values()]).toEqual(['succeeded']);
  });

  test('before it began with its tasks fails none', () => {
    const pool = poolOf(1);
    pool.submit([{ durationMs: 10 }, { durationMs: 10 }]);
    pool.die(0);
    pool.advance(50);
    expect([...pool.answers.values()]).toEqual(['succeeded', 'succeeded']);
  });

  test('before it began fails a task in the end, when others had done so before', () => {
    const pool = poolOf(1);
    pool.submit([{ durationMs: 10 }]);
    for (let deaths = 1; deaths <= 4; deaths++) {
      expect(pool.answers.size).toBe(0);
      pool.die(0);
      pool.replaceDead();
    }
    expect([...pool.answers.values()]).toEqual(['failed']);
    expect(pool.errors).toEqual([
      'WorkerLost: worker m/0 on h was killed by SIGKILL before it started this task, as 3 had before',
    ]);
  });

  test('is replaced at once', () => {
    const pool = poolOf(1);
    pool.die(0);
    expect(pool.instructions).toEqual([{ type: 'start', rank: 0, afterMs: 0 }]);
  });

  test('before it is ready is replaced more and more slowly, and in the end not at all', () => {
    const pool = new SimulatedPool(1);
    const fail = () => {
      pool.handle({ type: 'exited', rank: 0, begun: NaN, end: { exitCode: 1, signal: null }, hint: '' });
      return pool.instructions.at(-1);
    };
    expect([fail(), fail(), fail(), fail()]).toMatchObject([
      { type: 'start', afterMs: 100 },
      { type: 'start', afterMs: 200 },
      { type: 'start', afterMs: 400 },
      { type: 'hopeless', end: { exitCode: 1 } },
    ]);
  });
});

describe('timeouts and cancellation', () => {
  test('a task beyond its timeout is told to stop, then killed, and fails', () => {
    const pool = poolOf(1);
    const [slow] = pool.submit([{ durationMs: 10_000, timeoutMs: 50 }]);
    pool.advance(60);
    expect(pool.instructions.filter(({ type }) => type === 'abort')).toHaveLength(1);
    expect(pool.open).toEqual([slow]);
    pool.advance(100);
    expect(pool.answers.get(slow!)).toBe('failed');
    expect(pool.instructions.filter(({ type }) => type === 'kill')).toHaveLength(1);
  });

  test('a task that ends after it was told to stop has failed all the same', () => {
    const pool = poolOf(1);
    const [slow] = pool.submit([{ durationMs: 80, timeoutMs: 50 }]);
    pool.advance(200);
    expect(pool.answers.get(slow!)).toBe('failed');
    expect(pool.instructions.filter(({ type }) => type === 'kill')).toEqual([]);
  });

  test('the timeout of one task is not held against the next', () => {
    const pool = poolOf(1);
    const [, next] = pool.submit([{ durationMs: 80, timeoutMs: 50 }, { durationMs: 200 }]);
    pool.advance(500);
    expect(pool.answers.get(next!)).toBe('succeeded');
  });

  test('a waiting task is dropped', () => {
    const pool = poolOf(1);
    const [, waiting] = pool.submit([{ durationMs: 10 }, {}]);
    pool.handle({ type: 'cancel', submissions: [waiting!], reason: 'no need' });
    expect(pool.answers.get(waiting!)).toBe('failed');
    pool.advance(50);
    expect(pool.started).toEqual([1]);
  });

  test('a running task is told to stop, and killed if it goes on', () => {
    const pool = poolOf(1);
    const [running] = pool.submit([{ durationMs: 10_000 }]);
    pool.advance(10);
    pool.handle({ type: 'cancel', submissions: [running!], reason: 'no need' });
    pool.advance(490);
    expect(pool.open).toEqual([running]);
    pool.advance(20);
    expect(pool.answers.get(running!)).toBe('failed');
  });

  test('a task that was given ahead is stopped once it runs', () => {
    const pool = poolOf(1);
    warm(pool);
    const [, ahead] = pool.submit([{ durationMs: 1 }, { durationMs: 10_000 }]);
    pool.handle({ type: 'cancel', submissions: [ahead!], reason: 'no need' });
    pool.advance(600);
    expect(pool.answers.get(ahead!)).toBe('failed');
    expect(pool.open).toEqual([]);
  });
});

describe('tasks go back', () => {
  test('when they may run until after the end of the pool, at the moment at which they would start', () => {
    const pool = poolOf(1, 1, undefined, 1000);
    const tasks = [{ durationMs: 300, timeoutMs: 600 }, { timeoutMs: 900 }, { timeoutMs: 600 }, {}];
    const [first, late, inTime, unlimited] = pool.submit(tasks);
    pool.advance(290);
    expect([...pool.returned]).toEqual([]);
    pool.advance(20);
    expect([...pool.returned]).toEqual([late]);
    pool.advance(200);
    expect(pool.started).toEqual([first, inTime, unlimited]);
    const [never] = pool.submit([{ timeoutMs: 1001 }]);
    pool.advance(1);
    expect([...pool.returned]).toEqual([late, never]);
  });

  test('when they are asked for, the last ones first, and an answer comes even if there are none', () => {
    const pool = poolOf(1);
    pool.submit([{ durationMs: 10 }, {}, {}, {}]);
    pool.handle({ type: 'recall', tasks: 2 });
    expect([...pool.returned]).toEqual([4, 3]);
    pool.handle({ type: 'recall', tasks: 5 });
    pool.handle({ type: 'recall', tasks: 5 });
    expect(pool.instructions.slice(-2)).toMatchObject([{ type: 'return' }, { type: 'return', records: [] }]);
  });

  test('when the pool is told to end; what runs fails', () => {
    const pool = poolOf(1);
    const [running, waiting] = pool.submit([{ durationMs: 10 }, {}]);
    pool.handle({ type: 'stop', why: 'the batch system ended it' });
    expect(pool.answers.get(running!)).toBe('failed');
    expect(pool.returned.has(waiting!)).toBe(true);
  });
});

describe('draining', () => {
  test('finishes what is held, says so once, and starts nothing that comes later', () => {
    const pool = poolOf(1);
    pool.submit([{ durationMs: 10 }, { durationMs: 10 }]);
    pool.handle({ type: 'drain' });
    expect(pool.instructions.some(({ type }) => type === 'drained')).toBe(false);
    pool.advance(50);
    expect([...pool.answers.values()]).toEqual(['succeeded', 'succeeded']);
    expect(pool.instructions.filter(({ type }) => type === 'drained')).toHaveLength(1);
    const [late] = pool.submit([{}]);
    expect([...pool.returned]).toEqual([late]);
  });
});

describe('capacity', () => {
  const told = (pool: SimulatedPool) =>
    pool.instructions.flatMap((instruction) =>
      instruction.type === 'capacity' ? [instruction.capacity] : [],
    );

  test('is a task for each worker at first, grows for short functions and shrinks for long ones', () => {
    const pool = poolOf(2);
    expect(pool.manager.capacity).toBe(2);
    pool.submit(Array.from({ length: 50 }, () => ({})));
    pool.advance(20);
    expect(pool.manager.capacity).toBe(2 * 257);
    pool.submit(Array.from({ length: 4 }, () => ({ durationMs: 1000 })));
    pool.advance(30);
    expect(pool.manager.capacity).toBeLessThan(6);
    expect(told(pool).at(-1)).toBe(pool.manager.capacity);
  });

  test('is what was asked for if something was', () => {
    const pool = poolOf(2, 1, 5);
    warm(pool);
    expect(pool.manager.capacity).toBe(7);
    expect(told(pool)).toEqual([]);
  });
});

test('a task whose function never came, or could not be stored, fails', () => {
  const pool = poolOf(1);
  pool.handle({ type: 'function', index: 1, error: new Error('disk full') });
  pool.submit([{ functionIndex: 1 }, { functionIndex: 2 }]);
  expect([...pool.answers.values()]).toEqual(['failed', 'failed']);
});

/** Any sequence of events: every step checks that no task is lost, started twice or answered twice. */
test.each(Array.from({ length: 100 }, (_, seed) => seed))(
  'nothing is lost or done twice (seed %i)',
  (seed) => {
    const random = seededRandom(seed);
    const pick = (count: number) => Math.floor(random() * count);
    const pool = poolOf(1 + pick(4), 4, random() < 0.3 ? pick(20) : undefined);
    const durations = [0.005, 0.05, 0.5, 5, 40, 300];
    for (let step = 0; step < 120; step++) {
      const choice = random();
      if (choice < 0.35) {
        pool.submit(
          Array.from({ length: 1 + pick(40) }, () => ({
            functionIndex: pick(4),
            durationMs: durations[random() < 0.8 ? pick(3) : pick(6)]!,
            ...(random() < 0.05 ? { timeoutMs: 20 } : {}),
            ...(random() < 0.1 ? { priority: pick(3) } : {}),
          })),
        );
      } else if (choice < 0.4) pool.die(pick(pool.workers.length));
      else if (choice < 0.5) {
        pool.handle({ type: 'cancel', submissions: pool.open.filter(() => random() < 0.1), reason: 'r' });
      } else if (choice < 0.55) pool.handle({ type: 'recall', tasks: pick(30) });
      else pool.advance(random() * 30, 0.1 + random());
    }
    pool.advance(20_000, 5);
    expect(pool.open).toEqual([]);
    expect(pool.manager.wakeAt).toBe(Infinity);
  },
);
