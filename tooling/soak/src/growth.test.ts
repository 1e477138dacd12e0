import { expect, test } from 'vitest';

import { growthOf } from './growth.js';
import { startOf, WatchedProcess, type Role } from './watched-process.js';

function watched(role: Role, seconds: number, memory: (second: number) => number): WatchedProcess {
  const one = new WatchedProcess(role, 1, '1');
  for (let second = 0; second <= seconds; second++) {
    one.memory.push({ at: 1000 * second, value: memory(second) });
    one.descriptors.push({ at: 1000 * second, value: 20 + Math.floor(second / 10) });
  }
  return one;
}

test('each process is judged that lived for long enough', () => {
  const flat = watched('worker', 120, () => 80);
  const growing = watched('worker', 120, (second) => 80 + second / 2);
  const young = watched('worker', 20, (second) => 80 + 5 * second);
  const [, , , workers] = growthOf([flat, growing, young], 60_000);
  expect(workers).toMatchObject({ role: 'worker', processes: 3, judged: 2 });
  expect(workers!.memoryGrowthMb).toBeCloseTo(30, 0);
  expect(workers!.wrong).toHaveLength(3);
  expect(workers!.wrong[1]).toMatch(/^the memory of worker 1 grew by 30\.0 MB/);
  expect(workers!.wrong[0]).toMatch(/^worker 1 had 5\.\d descriptors more/);
});

test('this process can be looked at', () => {
  const own = new WatchedProcess('submit', process.pid, startOf(process.pid));
  own.look(1);
  expect(own.memory[0]!.value).toBeGreaterThan(10);
  expect(own.descriptors[0]!.value).toBeGreaterThan(3);
});

test('another process that has got the same number is another one', () => {
  const earlier = new WatchedProcess('worker', process.pid, '1');
  earlier.look(1);
  expect(earlier.memory).toEqual([]);
});
