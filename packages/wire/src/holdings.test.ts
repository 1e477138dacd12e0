import { expect, test } from 'vitest';

import { toFrames } from './long-frames.js';
import { readRegister, registerMessage, type Holdings } from './holdings.js';
import { LIMITS } from './protocol.js';
import { packControl } from './value-codec.js';
import { ProtocolError } from './wire-error.js';

const registration = {
  ...{ blockId: '0', host: 'n1', pid: 1, workers: 2, capacity: 2, cores: 2, memoryGb: 1 },
  ...{ node: 'v20.0.0', version: '1.0.0' },
};
const holdings: Holdings = {
  ...{ asked: 2 ** 45, runId: 'run', delivered: 7 },
  tasks: [
    { submission: 0, taskId: 3 },
    { submission: 2 ** 40, taskId: 2 ** 41 },
  ],
};

test('a new manager says nothing of tasks', () => {
  expect(readRegister(registerMessage(registration))).toEqual({ registration, holdings: undefined });
});

test.each([holdings, { ...holdings, tasks: [] }])('what a manager holds arrives', (said) => {
  expect(readRegister(registerMessage(registration, said))).toEqual({ registration, holdings: said });
});

test('more tasks than a frame takes arrive too', () => {
  const tasks = Array.from({ length: LIMITS.frameBytes / 16 + 3 }, (_, n) => ({
    submission: n,
    taskId: 2 * n,
  }));
  const frames = registerMessage(registration, { ...holdings, tasks });
  expect(frames).toHaveLength(4);
  expect(readRegister(frames).holdings?.tasks).toEqual(tasks);
});

test.each([
  ['no frame', []],
  ['two frames', registerMessage(registration, holdings).slice(0, 2)],
  ['two lists', [...registerMessage(registration, holdings), Buffer.alloc(0)]],
  ['half a task', [...registerMessage(registration, holdings).slice(0, 2), Buffer.alloc(24)]],
  ['another second frame', [registerMessage(registration)[0]!, packControl({ runId: 1 }), Buffer.alloc(0)]],
  [
    'a negative count',
    [
      registerMessage(registration)[0]!,
      packControl({ asked: 1, runId: 'run', delivered: -1 }),
      Buffer.alloc(0),
    ],
  ],
  [
    'no question',
    [registerMessage(registration)[0]!, packControl({ runId: 'run', delivered: 1 }), Buffer.alloc(0)],
  ],
  [
    'too many tasks',
    [
      ...registerMessage(registration, holdings).slice(0, 2),
      ...toFrames(Buffer.alloc(16 * (LIMITS.holdings + 1))),
    ],
  ],
])('%s is refused', (_what, frames) => {
  expect(() => readRegister(frames)).toThrow(ProtocolError);
});
