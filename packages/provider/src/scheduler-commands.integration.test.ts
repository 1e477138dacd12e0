import { expect, test } from 'vitest';
import type { JobStatus } from './contract.js';
import { SchedulerCommands } from './scheduler-commands.js';
import type { SchedulerQuestion } from './scheduler-dialect.js';
import type { SchedulerError } from './scheduler-errors.js';

const SILENT = ['sh', '-c', 'exec sleep 60'];
/** How long a command may take that does answer. */
const commands = new SchedulerCommands(5000);
/** For those that do not. */
const hasty = new SchedulerCommands(500);

/** A question that cannot be answered, and what is asked instead of it. */
function doomed(argv: readonly string[]) {
  const failures: SchedulerError[] = [];
  const substitute: SchedulerQuestion<JobStatus> = {
    argv: ['echo', '1'],
    read: ({ stdout }) => ({ jobs: new Map([[stdout.trim(), { state: 'running' }]]) }),
  };
  const question: SchedulerQuestion<JobStatus> = {
    argv,
    read: () => ({ jobs: new Map() }),
    instead: (failure) => {
      failures.push(failure);
      return [substitute];
    },
  };
  return { failures, question, withoutSubstitute: { argv, read: question.read } };
}

test.each([
  ['is not there', ['no-such-command'], { cutShort: false, cause: { code: 'ENOENT' } }],
  ['takes too long', SILENT, { cutShort: true }],
])('instead of a command that %s, another is asked', async (_, argv, expected) => {
  const { failures, question, withoutSubstitute } = doomed(argv);
  const news = await commands.askAll([['1']], () => question, undefined);
  expect(failures).toMatchObject([expected]);
  expect(news).toEqual({
    jobs: new Map([['1', { state: 'running' }]]),
    missing: new Map(),
    unasked: new Set(),
    failure: undefined,
  });
  const { unasked, failure } = await hasty.askAll([['1']], () => withoutSubstitute, undefined);
  expect([...unasked]).toEqual(['1']);
  expect(failure).toMatchObject(expected);
});

test('a caller that has given up is not answered by another command', async () => {
  const { failures, question } = doomed(SILENT);
  const { jobs, failure } = await hasty.askAll([['1']], () => question, AbortSignal.timeout(50));
  expect([jobs.size, failures]).toEqual([0, []]);
  expect(failure?.message).toContain('aborted');
});
