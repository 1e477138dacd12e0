import { expect, test } from 'vitest';
import { accountFor, countStarts, type Outcome } from './account.js';
import { seededRandom } from './random.js';
import { drawWork } from './work.js';

const works = Array.from({ length: 3 }, (_, id) => drawWork(id, '', seededRandom(id)));
const right: Outcome[] = works.map(({ id, payload }) => ({ value: { id, payload: payload.toReversed() } }));
const once = countStarts(['0\n1\n', '2\n']);
const lost: Outcome = { error: Object.assign(new Error('lost'), { code: 'PARSL_WORKER_LOST' }) };

test('all is well when each task was started once and has its own result', () => {
  expect(accountFor(works, right, once, 0)).toEqual({
    tasks: 3,
    results: 3,
    lost: {},
    repeated: 0,
    wrong: [],
  });
});

test('a task that is lost with its worker is accounted for', () => {
  const account = accountFor(works, [lost, ...right.slice(1)], once, 0);
  expect(account).toMatchObject({ results: 2, lost: { PARSL_WORKER_LOST: 1 }, wrong: [] });
});

test.each<[string, Outcome[], Map<number, number>, string]>([
  ['another error', [{ error: new Error('boom') }, ...right.slice(1)], once, 'task 0 failed'],
  ['no outcome', right.slice(0, 2), once, 'task 2 has no outcome'],
  ['a swapped result', [right[1]!, right[0]!, right[2]!], once, 'task 0 has the result of another'],
  ['a repetition', right, countStarts(['0\n1\n2\n0\n']), 'task 0 was started 2 times'],
  ['a result out of nothing', right, countStarts(['0\n1\n']), 'task 2 has a result and was never started'],
])('%s is wrong', (_what, outcomes, starts, message) => {
  expect(accountFor(works, outcomes, starts, 0).wrong[0]).toContain(message);
});
