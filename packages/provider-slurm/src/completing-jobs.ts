import type { JobId } from '@parsl-ts/provider';
import { lastingEnd, type SlurmRecord } from './slurm-state.js';

/**
 * How long a job may go on completing before it is taken for ended, in ms. Processes usually have half a minute to end
 * before they are killed (KillWait), and the epilog runs after that.
 */
const PATIENCE_MS = 60_000;

/**
 * Finds out which jobs never get done with completing: a process that cannot be killed, a node that is dead or an epilog
 * that hangs keeps them there for minutes or hours, long after their scripts have ended. One that is going to be requeued
 * completes as well, and must not be taken for ended; `squeue` tells no end of it then, or one that moves on with the time.
 */
export class CompletingJobs {
  readonly #now: () => number;
  /** Since when a job is known to complete, by the end that is told of it: its parts may have ended at different times. */
  readonly #since = new Map<JobId, ReadonlyMap<string, number>>();

  /** @param now a clock that never goes back, in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * What `squeue` tells of the parts of a job, but with an end for each that has gone on completing for too long: as `sacct`
   * says, or else as `squeue` lets one infer.
   *
   * @param ends what `sacct` tells of parts that have ended, by part
   */
  settled(
    id: JobId,
    records: readonly SlurmRecord[],
    ends: ReadonlyMap<string, SlurmRecord>,
  ): readonly SlurmRecord[] {
    const now = this.#now();
    const before = this.#since.get(id);
    const since = new Map<string, number>();
    const parts = records.map((record) => {
      const { part, state, endTime, exitCode, signal } = record;
      if (state !== 'COMPLETING' || endTime === undefined) {
        return record;
      }
      const begin = before?.get(endTime) ?? now;
      since.set(endTime, begin);
      if (now - begin < PATIENCE_MS) {
        return record;
      }
      const end = ends.get(part);
      return end === undefined ? lastingEnd(record) : { ...end, exitCode, signal };
    });
    if (since.size > 0) {
      this.#since.set(id, since);
    } else {
      this.#since.delete(id);
    }
    return parts;
  }

  /** Nothing more is asked about a job, for it has ended. */
  forget(id: JobId): void {
    this.#since.delete(id);
  }
}
