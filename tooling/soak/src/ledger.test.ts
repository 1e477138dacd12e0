import { expect, test } from 'vitest';

import { Ledger, type Outcome } from './ledger.js';
import { drawTask, type Kind, type SoakTask } from './soak-task.js';

const task = (id: number, kind: Kind = 'works'): SoakTask => ({ ...drawTask(id, '', () => 0.5), kind });
const resultOf = ({ id, payload }: SoakTask): Outcome => ({ value: { id, payload: payload.toReversed() } });
const failure = (code: string): Outcome => ({ error: Object.assign(new Error('boom'), { code }) });

/** What is said of one task with this outcome. */
function said(
  kind: Kind,
  outcome: (task: SoakTask) => Outcome | undefined,
  notes = '0\n',
  costs = 9,
): readonly string[] {
  const ledger = new Ledger();
  const one = task(0, kind);
  ledger.submit();
  const came = outcome(one);
  if (came !== undefined) ledger.settle(one, came);
  ledger.noteStarts(notes);
  return ledger.close(2, 0, costs).wrong;
}

test('all is well when every task came to what it is there for', () => {
  const ledger = new Ledger();
  const kinds: [Kind, (task: SoakTask) => Outcome][] = [
    ['works', resultOf],
    ['throws', () => failure('SOAK')],
    ['cancelled', resultOf],
    ['cancelled', () => failure('PARSL_TASK_CANCELLED')],
    ['late', () => failure('PARSL_APP_TIMEOUT')],
    ['oom', () => failure('PARSL_REPEATED_WORKER_LOSS')],
    ['works', () => failure('PARSL_MANAGER_LOST')],
  ];
  for (const [id, [kind, outcome]] of kinds.entries()) {
    ledger.submit();
    ledger.settle(task(id, kind), outcome(task(id, kind)));
    ledger.noteStarts(`${id}\n`);
  }
  ledger.noteStarts('5\n');
  expect(ledger.close(2, 1, 1)).toEqual({
    submitted: 7,
    settled: 7,
    asMeant: { works: 1, throws: 1, cancelled: 2, late: 1, oom: 1 },
    lost: { PARSL_MANAGER_LOST: 1 },
    repeated: 1,
    wrong: [],
  });
});

test.each<[string, string, readonly string[]]>([
  ['another error', 'failed: Error: boom', said('works', () => failure('OTHER'))],
  ['a wrong result', 'task 0 has a wrong result', said('works', () => resultOf(task(1)))],
  ['a result of what throws', 'which throws, has a result', said('throws', resultOf)],
  ['no outcome', 'task 0 has no outcome', said('works', () => undefined)],
  ['too many tries', 'task 0 was started 3 times', said('works', resultOf, '0\n0\n0\n')],
  ['a try that no fault explains', 'started again 1 times', said('works', resultOf, '0\n0\n', 0)],
  ['a result out of nothing', 'was never started', said('works', resultOf, '')],
  [
    'a loss without a fault',
    '1 tasks were lost, and there were 0 faults',
    said('works', () => failure('PARSL_WORKER_LOST')),
  ],
])('%s is wrong', (_what, words, wrong) => {
  expect(wrong).toHaveLength(1);
  expect(wrong[0]).toContain(words);
});
