import type { BlockRequest, SchedulerDialect } from '@parsl-ts/provider';
import type { AccountingFilter } from './accounting.js';
import { readOutcomes } from './deletion.js';
import { readJobList } from './job-list.js';
import { statusQuestion } from './status-question.js';

/** How Grid Engine is spoken to. */
export function gridEngineDialect(
  script: (request: BlockRequest) => string,
  filter: AccountingFilter,
): SchedulerDialect {
  return {
    script,
    // As arguments, paths need no quotes, and after a colon they may have colons. The user's defaults may say `-j y`.
    submit: ({ scriptDir }, { scriptPath, stdoutPath, stderrPath }) => {
      const output = ['-o', `:${stdoutPath}`, '-e', `:${stderrPath}`, '-j', 'n'];
      return ['qsub', '-terse', '-wd', scriptDir, ...output, scriptPath];
    },
    readJobId: (stdout) => /^\d+(?=\s*$)/m.exec(stdout)?.[0],
    mayHaveSubmitted: ({ stderr }) => stderr.includes('failed receiving gdi request'),
    isUnavailable: ({ stderr }) =>
      /commlib error|unable to (?:send message to|contact) qmaster/i.test(stderr),
    find: (names) => ({
      // With z: also those that have just ended.
      argv: ['qstat', '-xml', '-s', 'przs'],
      read: (result) => {
        const found = readJobList(result).filter(({ name }) => names.includes(name));
        return { jobs: new Map(found.map(({ id, name }) => [id, name])) };
      },
    }),
    status: (ids) => statusQuestion(ids, filter),
    cancel: (ids) => ({ argv: ['qdel', ...ids], read: (result) => ({ jobs: readOutcomes(result) }) }),
  };
}
