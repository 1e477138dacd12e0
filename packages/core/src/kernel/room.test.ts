import { expect, it, onTestFinished } from 'vitest';
import { InlineExecutor } from '../executors/inline-executor.js';
import { gate, rejection, testKit } from '../testing/test-kit.js';
import { Room, type RoomLimits } from './room.js';

const { startKernel } = testKit(onTestFinished);

it('a producer that waits for room never has more outstanding than it says, and gets everything done', async () => {
  const kernel = await startKernel();
  const twice = kernel.app((x: number) => Promise.resolve(2 * x));
  let most = 0;
  let sum = 0;
  const ends: Promise<unknown>[] = [];
  for (let x = 0; x < 5000; x++) {
    await kernel.room({ tasks: 50 });
    ends.push(twice(x).then((value) => (sum += value)));
    most = Math.max(most, kernel.outstanding);
  }
  await Promise.all(ends);
  expect(most).toBe(50);
  expect(sum).toBe(5000 * 4999);
});

it('a call beyond the bound throws and runs nothing; later ones are taken again', async () => {
  const kernel = await startKernel({ maxOutstandingTasks: 2 });
  const { opened, open } = gate();
  const wait = kernel.app((x: number) => opened.then(() => x));
  const first = [wait(1), wait(2)];
  expect(() => wait(3)).toThrow(
    expect.objectContaining({
      code: 'PARSL_TOO_MANY_TASKS',
      option: 'maxOutstandingTasks',
      message: expect.stringContaining('await kernel.room()') as string,
    }),
  );
  const room = kernel.room({ tasks: 2 });
  open();
  await room;
  expect(await wait(4)).toBe(4);
  expect(await Promise.all(first)).toEqual([1, 2]);
  expect(kernel.taskCounts.exec_done).toBe(3);
});

it('bytes count as well as tasks', async () => {
  let tasks = 3;
  let bytes = 100;
  const room = new Room(
    () => tasks,
    () => bytes,
  );
  let there = false;
  const waiting = room.wait({ tasks: 3, bytes: 100 }).then(() => (there = true));
  tasks = 2;
  room.taskEnded();
  await Promise.resolve();
  expect(there).toBe(false);
  bytes = 99;
  room.taskEnded();
  await waiting;
  expect(there).toBe(true);
});

it.each([
  ...[{ tasks: 0 }, { tasks: -1 }, { tasks: NaN }, { tasks: 1.5 }, { tasks: '5' }],
  ...[{ bytes: 0 }, { bytes: NaN }, { bytes: null }],
])('limits %o are refused by their name', async (limits) => {
  const kernel = await startKernel();
  const [option = ''] = Object.keys(limits);
  expect(await rejection(kernel.room(limits as RoomLimits))).toMatchObject({
    code: 'PARSL_CONFIGURATION',
    option,
    message: expect.stringContaining(
      `option '${option}' of room() must be an integer of at least 1, or Infinity, not `,
    ) as string,
  });
});

it('a limit that does not exist is not taken for none', async () => {
  const kernel = await startKernel();
  expect(await rejection(kernel.room({ task: 100 } as RoomLimits))).toMatchObject({
    code: 'PARSL_CONFIGURATION',
    suggestion: 'tasks',
  });
  await kernel.room({ tasks: Infinity, bytes: Infinity });
});

it('a producer that waits is let go when the kernel closes, whatever is left', async () => {
  const room = new Room(
    () => 0,
    () => 100,
  );
  const waiting = room.wait({ bytes: 100 });
  room.close();
  await waiting;
  await room.wait({ bytes: 100 });
});

it('a producer that has waited for a kernel that closes hears that it was closed', async () => {
  // As one with workers has it, it still counts the bytes of its tasks while it closes.
  const executor = Object.assign(new InlineExecutor(), { outstandingBytes: 1000 });
  const kernel = await startKernel({ executors: [executor] });
  const waiting = kernel.room({ bytes: 1000 });
  await kernel.close();
  await waiting;
  expect(() => kernel.app(() => 1)()).toThrow('the kernel was closed');
});
