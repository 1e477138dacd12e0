import { TERMINAL_JOB_STATES, type JobId } from '@parsl-ts/provider';
import { statusOf, type SlurmRecord } from './slurm-state.js';

/**
 * Remembers how parts of jobs have ended while others go on: the controller forgets each part a while after its own end
 * (MinJobAge), and not every cluster keeps accounts.
 */
export class EndedParts {
  readonly #ends = new Map<JobId, ReadonlyMap<string, SlurmRecord>>();

  /**
   * How parts of a job have ended, by part.
   *
   * @param records what `squeue` tells of it now. A part that goes on has been requeued, if it had ended
   */
  of(id: JobId, records: readonly SlurmRecord[]): ReadonlyMap<string, SlurmRecord> {
    const ends = new Map(this.#ends.get(id));
    for (const record of records) {
      if (hasEnded(record)) {
        ends.set(record.part, record);
      } else {
        ends.delete(record.part);
      }
    }
    if (ends.size > 0) {
      this.#ends.set(id, ends);
    } else {
      this.#ends.delete(id);
    }
    return ends;
  }

  /** Nothing more is asked about a job, for it has ended. */
  forget(id: JobId): void {
    this.#ends.delete(id);
  }
}

/** Which of these parts of a job have ended, by part. */
export function endsByPart(records: readonly SlurmRecord[]): ReadonlyMap<string, SlurmRecord> {
  return new Map(records.filter(hasEnded).map((record) => [record.part, record]));
}

function hasEnded(record: SlurmRecord): boolean {
  return TERMINAL_JOB_STATES.has(statusOf(record).state);
}
