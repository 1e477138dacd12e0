import { expect, test } from 'vitest';
import { readOutcomes } from './deletion.js';
import { recorded } from './testing/transcript.js';

test.each([
  ['qdel', 'qdel 42', 0, [['42', 'cancelled']]],
  ['qdel', 'qdel 42', 1, [['42', 'cancelled']]],
  ['qdel', 'qdel 42', 2, [['42', 'gone']]],
  ['qdel', 'qdel 999999', 0, [['999999', 'gone']]],
  [
    'qdel',
    'qdel 999999 43',
    0,
    [
      ['999999', 'gone'],
      ['43', 'cancelled'],
    ],
  ],
  ['other-user', 'qdel 104', 0, [['104', 'failed']]],
  ['other-user', 'qdel 104', 1, [['104', 'cancelled']]],
  [
    'qsub-errors',
    'qdel 31 32',
    0,
    [
      ['31', 'cancelled'],
      ['32', 'cancelled'],
    ],
  ],
])('%s: answer to %j, time %i', (name, command, nth, outcomes) => {
  expect([...readOutcomes(recorded(name, command, nth))]).toEqual(outcomes);
});

test('a qmaster that does not answer deletes nothing', () => {
  expect(() => readOutcomes(recorded('qmaster-down', 'qdel 102'))).toThrow('qdel deleted nothing');
});
