import { scriptEnd, type JobId, type JobStatus } from '@parsl-ts/provider';

/** Which records of the accounting can be about jobs of a provider. */
export interface AccountingFilter {
  /** The same as arguments of `qacct`, of jobs that have started. */
  readonly argv: readonly string[];
  /** When the first of these jobs can have been submitted, in ms since 1970. */
  readonly sinceMs: number;
}

/**
 * How jobs ended, by the records that `qacct -j` writes: for each job the last one, since every try of a job that was
 * rescheduled has a record of its own. A job is left out while its last try is to be followed by another. So are jobs that
 * were submitted before `sinceMs`: Grid Engine begins again with 1 after its largest number, or when it is set up anew, and
 * the accounting still has the records of those that had the numbers before.
 */
export function readAccounting(
  stdout: string,
  { sinceMs }: Pick<AccountingFilter, 'sinceMs'>,
): ReadonlyMap<JobId, JobStatus> {
  const ends = new Map<JobId, JobStatus>();
  for (const record of stdout.split(/^=+$/m)) {
    const id = field(record, 'jobnumber');
    const end =
      id === '' || Date.parse(field(record, 'qsub_time')) < sinceMs
        ? undefined
        : endOf(field(record, 'failed'), Number.parseInt(field(record, 'exit_status'), 10));
    ends.delete(id);
    if (end !== undefined) {
      ends.set(id, end);
    }
  }
  return ends;
}

/** @param failed `0`, or a number and words that say how Grid Engine failed to run the job from its start to its end */
function endOf(failed: string, exitStatus: number): JobStatus | undefined {
  const end = scriptEnd(exitStatus);
  const message = `Grid Engine says: ${failed.replace(/ +: +/, ' ')}`;
  switch (Number.parseInt(failed, 10)) {
    case 0:
      return end;
    case 24: // It is to go on from a checkpoint.
    case 25: // It is rescheduled.
      return undefined;
    case 37: // Its limit, h_rt, is reached.
      return { ...end, state: 'timeout', message };
    default:
      // The exit status says nothing of jobs that were never started: it is 0 then.
      return exitStatus === 0 ? { state: 'failed', message } : { ...end, message };
  }
}

function field(record: string, name: string): string {
  return new RegExp(`^${name} +(.*?) *$`, 'm').exec(record)?.[1] ?? '';
}
