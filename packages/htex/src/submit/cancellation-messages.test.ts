import { inspect } from 'node:util';

import { TaskCancelledError } from '@parsl-ts/core';
import { isCancellation, packControl, unpackControl } from '@parsl-ts/wire';
import { describe, expect, test } from 'vitest';

import { cancellationMessages } from './cancellation-messages.js';

describe('what the interchange is told of cancelled submissions', () => {
  test('each has its own reason, and those that share one go together', () => {
    const messages = cancellationMessages([
      [0, new Error('too late')],
      [1, 'too dear'],
      [2, new Error('too late')],
      [3, undefined],
      [4, { budget: 0 }],
    ]);
    expect(messages).toEqual([
      [
        { submissions: [0, 2], reason: 'too late' },
        { submissions: [1], reason: 'too dear' },
        { submissions: [3], reason: 'cancelled' },
        { submissions: [4], reason: '{ budget: 0 }' },
      ],
    ]);
  });

  test('tasks of a kernel that were cancelled for one reason have that one', () => {
    const error = (taskId: number, reason?: unknown) => new TaskCancelledError({ taskId, name: 'f' }, reason);
    const why = new Error('no longer wanted');
    expect(
      cancellationMessages([
        [0, error(10, why)],
        [1, error(11, why)],
        [2, error(12)],
        [3, error(13)],
      ]),
    ).toEqual([
      [
        { submissions: [0, 1], reason: 'no longer wanted' },
        { submissions: [2, 3], reason: 'cancelled' },
      ],
    ]);
  });

  const trap = (): never => {
    throw new Error('no');
  };

  test.each([
    [
      'an error whose message is no text',
      Object.assign(new Error(), { message: Symbol('why') }),
      'Symbol(why)',
    ],
    [
      'an error whose message cannot be read',
      Object.defineProperty(new Error(), 'message', { get: trap }),
      'cancelled for a reason that cannot be shown',
    ],
    ['what cannot be shown', { [inspect.custom]: trap }, 'cancelled for a reason that cannot be shown'],
  ])('%s is a reason', (_what, cause, reason) => {
    const error = new TaskCancelledError({ taskId: 1, name: 'f' }, cause);
    expect(cancellationMessages([[0, error]])).toEqual([[{ submissions: [0], reason }]]);
  });

  test.each([
    ['one reason', 25_000, () => 'no', 3],
    ['a short reason for each', 25_000, String, 3],
    ['a long reason for each', 100, (index: number) => `${index} ${'\u{20ac}'.repeat(5000)}`, 7],
  ])('however many they are, messages are within the limits: %s', (_what, length, reason, count) => {
    const all = Array.from({ length }, (_, index) => [index, reason(index)] as const);
    const messages = cancellationMessages(all);
    expect(messages).toHaveLength(count);
    for (const message of messages) {
      const read = unpackControl(packControl(message));
      expect(read).toEqual(message);
      expect(message.every(isCancellation)).toBe(true);
    }
    const submissions = messages.flat().flatMap((each) => each.submissions);
    expect(submissions).toEqual(all.map(([submission]) => submission));
  });
});
