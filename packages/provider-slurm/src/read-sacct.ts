import type { JobId } from '@parsl-ts/provider';
import { clusterArgument, numberOfPart } from './slurm-job-id.js';
import type { SlurmRecord } from './slurm-state.js';

/** Asks about jobs of one cluster, by their number: a line for each job, or for each of its parts. */
export function sacctCommand(
  cluster: string | undefined,
  jobs: ReadonlyMap<string, JobId>,
): readonly string[] {
  return [
    ...['sacct', '--allocations', '--noheader', '--parsable2', '--format=JobID,State,ExitCode,Submit,Reason'],
    ...clusterArgument(cluster),
    `--jobs=${[...jobs.keys()].join(',')}`,
  ];
}

/** Whether `sacct` says that this Slurm keeps no accounts. */
export function saysNoAccounting(stderr: string): boolean {
  return /accounting storage is disabled/i.test(stderr);
}

/**
 * What `sacct` tells of jobs, by their number. Left out are jobs that were submitted before `sinceMs`: a controller that was
 * set up anew begins again with 1, and the accounts still tell of the jobs that had the numbers before, and of their parts.
 *
 * @param sinceMs when the first of the jobs can have been submitted, in ms since 1970
 * @throws Error when a line makes no sense
 */
export function readSacct(stdout: string, sinceMs: number): ReadonlyMap<string, readonly SlurmRecord[]> {
  const jobs = new Map<string, SlurmRecord[]>();
  for (const line of stdout.split('\n').filter((each) => each.trim() !== '')) {
    const [, id = '', state = '', exitCode, signal, submit = '', reason = ''] =
      /^([^|]+)\|([A-Z_]+)[^|]*\|(\d+):(\d+)\|([^|]*)\|(.*)$/.exec(line) ?? [];
    const number = numberOfPart(id);
    if (number === undefined) {
      throw new Error(`sacct printed a line that is none of a job: ${line}`);
    }
    if (Date.parse(submit) < sinceMs) {
      continue;
    }
    const record = {
      part: id,
      state,
      exitCode: Number(exitCode),
      signal: Number(signal),
      // Of a job that has started, it is what it last waited for.
      reason: state === 'PENDING' ? reason.trim() : '',
    };
    jobs.set(number, [...(jobs.get(number) ?? []), record]);
  }
  return jobs;
}
