import type { CommandResult, JobId, SchedulerDialect, SchedulerQuestion } from '@parsl-ts/provider';
import { cancelQuestion } from './cancel-question.js';
import { clusterArgument, readParsable } from './slurm-job-id.js';
import type { CheckedSlurmOptions } from './slurm-provider-options.js';
import { slurmScript } from './slurm-script.js';
import { ignoredVariables } from './slurm-environment.js';
import { StatusQuestions } from './status-questions.js';

/** How much the controller's clock may be behind this one's: where summer ends, local time is an hour behind itself. */
const CLOCKS_APART_MS = 2 * 3_600_000;

/** How Slurm is spoken to. */
export function slurmDialect(options: CheckedSlurmOptions): SchedulerDialect {
  const questions = new StatusQuestions(undefined, Date.now() - CLOCKS_APART_MS);
  return {
    script: (request, files) => slurmScript(options, request, files),
    submit: (_request, { scriptPath }) => ['sbatch', '--parsable', scriptPath],
    readJobId: readParsable,
    mayHaveSubmitted,
    isUnavailable,
    ignores: ignoredVariables(options),
    find: (names) => findQuestion(names, options.clusters),
    status: (ids) => questions.about(ids),
    cancel: cancelQuestion,
  };
}

/** Whether `sbatch` reached the controller and heard no answer. A refusal is one, and so is nobody there to refuse. */
function mayHaveSubmitted({ stderr }: CommandResult): boolean {
  return /timed out|zero bytes|(?:receive|shutdown) failure|reset by peer|broken pipe/i.test(stderr);
}

/** Whether `sbatch` was not refused, but found nobody who serves: Slurm is down, or what proves who asks. */
function isUnavailable({ stderr }: CommandResult): boolean {
  return /unable to contact|timed out|zero bytes|connection refused|authentication error|standby mode|temporarily unable/i.test(
    stderr,
  );
}

/** Jobs by name, also those that have ended, as long as the controller remembers them. */
function findQuestion(names: readonly string[], clusters: string | undefined): SchedulerQuestion<string> {
  return {
    argv: [
      ...['squeue', '--states=all', '--noheader', '--format=%i %j'],
      ...clusterArgument(clusters),
      `--name=${names.join(',')}`,
    ],
    read: ({ exitCode, stdout }) => {
      if (exitCode !== 0) {
        throw new Error('squeue could not say which jobs there are');
      }
      return { jobs: namesById(stdout) };
    },
  };
}

/** Asked for certain clusters, `squeue` names each before its jobs. */
function namesById(stdout: string): ReadonlyMap<JobId, string> {
  const names = new Map<JobId, string>();
  let cluster = '';
  for (const line of stdout.split('\n')) {
    cluster = /^CLUSTER: (\S+)/.exec(line)?.[1]?.replace(/^/, ';') ?? cluster;
    const [, number, name] = /^(\d+)\S* (\S+)$/.exec(line.trim()) ?? [];
    if (number !== undefined && name !== undefined) {
      names.set(`${number}${cluster}`, name);
    }
  }
  return names;
}
