import type { CommandResult, JobId } from '@parsl-ts/provider';
import { readJobs, type JobAttributes } from './job-attributes.js';
import { jobNumber } from './job-id.js';

/** Exit codes that are about a job, while the others are told all the same: it is unknown, it has finished. */
const UNKNOWN_JOB = 153;
const FINISHED_JOB = 35;

/** What `qstat -f` told of the jobs that it was asked about. */
export interface QstatAnswer {
  readonly known: ReadonlyMap<JobId, JobAttributes>;
  /** Those of which it told nothing: the server does not know them, or not any more. */
  readonly unknown: readonly JobId[];
}

/**
 * @param ids the jobs that were asked about, at least one
 * @throws Error when it is no answer: no server, or another error that is not about a job
 */
export function qstatAnswer({ exitCode, stdout }: CommandResult, ids: readonly JobId[]): QstatAnswer {
  const told = new Map(Array.from(readJobs(stdout), ([id, attributes]) => [jobNumber(id), attributes]));
  const known = new Map<JobId, JobAttributes>();
  for (const id of ids) {
    const attributes = told.get(jobNumber(id));
    if (attributes?.has('job_state') === true) {
      known.set(id, attributes);
    }
  }
  const unknown = ids.filter((id) => !known.has(id));
  const isAnswer =
    unknown.length === 0 ||
    exitCode === UNKNOWN_JOB ||
    exitCode === FINISHED_JOB ||
    // With -E, unknown jobs are left out without a word as long as another one is known.
    (exitCode === 0 && known.size > 0);
  if (!isAnswer) {
    throw new Error('it told nothing of the jobs');
  }
  return { known, unknown };
}
