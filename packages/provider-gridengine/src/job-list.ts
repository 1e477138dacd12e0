import type { CommandResult, JobId, JobStatus } from '@parsl-ts/provider';

/** A job that `qstat -xml` lists: one that has not ended. */
export interface ListedJob {
  readonly id: JobId;
  readonly name: string;
  /** Letters that combine: `qw`, `hqw`, `r`, `Eqw`, `dr`, `Rt`. */
  readonly state: string;
  /** Where it runs, by its first host: `all.q@node7`. Empty while it waits. */
  readonly queueInstance: string;
}

/**
 * Reads what `qstat -xml` writes.
 *
 * @throws Error when the qmaster did not answer. Where there is no job, it answers with a document that has none.
 */
export function readJobList({ exitCode, stdout }: CommandResult): readonly ListedJob[] {
  if (exitCode !== 0 || !/<job_info[\s>][^]*<\/job_info>\s*$/.test(stdout)) {
    throw new Error('qstat did not list jobs');
  }
  return Array.from(stdout.matchAll(/<job_list[\s>][^]*?<\/job_list>/g), ([job]) => ({
    id: field(job, 'JB_job_number'),
    name: field(job, 'JB_name'),
    state: field(job, 'state'),
    queueInstance: field(job, 'queue_name'),
  }));
}

/** None of these has a character that XML would write in another way. */
function field(job: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(job)?.[1] ?? '';
}

/** What `qstat -j` says of jobs in the state E: why they were not run. Other jobs are left out. */
export function readErrors(stdout: string): ReadonlyMap<JobId, JobStatus> {
  const errors = new Map<JobId, JobStatus>();
  for (const job of stdout.split(/^=+$/m)) {
    const id = /^job_number: +(\d+)/m.exec(job)?.[1];
    // Before the words are a date and the ids of a user and a process.
    const reason = /^error reason +\d+: +(?:\S+ \S+ \[[\d:]+\]: )?(.*)/m.exec(job)?.[1];
    if (id !== undefined && reason !== undefined) {
      errors.set(id, { state: 'failed', message: `Eqw: ${reason.trim()}` });
    }
  }
  return errors;
}
