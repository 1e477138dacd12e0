import { scriptEnd, signalName, type JobStatus } from '@parsl-ts/provider';

/** What a negative exit status means in one kind of PBS: it did not start the job, or ended it for a reason of its own. */
export interface NegativeStatuses {
  readonly reasons: ReadonlyMap<number, string>;
  /** The one of a job that ran into its walltime. */
  readonly overWalltime: number;
}

/** How a job ended, by its exit status: the script's exit code, or 256 and the number of the signal that PBS sent. */
export function exitStatusEnd(status: number, { reasons, overWalltime }: NegativeStatuses): JobStatus {
  if (status < 0) {
    const message = reasons.get(status) ?? `PBS ended it with status ${String(status)}`;
    return { state: status === overWalltime ? 'timeout' : 'failed', message };
  }
  if (status < 256) {
    return scriptEnd(status);
  }
  const signal = signalName(status - 256);
  return { state: 'failed', ...(signal === undefined ? {} : { signal }) };
}
