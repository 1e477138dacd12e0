import type { CancelOutcome, CommandResult, JobId } from '@parsl-ts/provider';
import { jobNumber } from './job-id.js';

/** What `qdel` said of the jobs that it was to delete. */
export interface QdelAnswer {
  readonly outcomes: ReadonlyMap<JobId, CancelOutcome>;
  /** Those that the server would delete, but whose node it does not reach. */
  readonly unreachable: readonly JobId[];
}

/** What is said of a job that has ended, or that the server does not know. */
const GONE = /unknown job|has finished|state for job/i;
const UNREACHABLE = /connect to MOM/i;

/**
 * Reads what `qdel` wrote: one line for each job that it could not delete, `qdel: Job has finished 89.server`. The others
 * are deleted whatever becomes of those.
 *
 * @param ids the jobs that were to be deleted, at least one
 * @throws Error when it is no answer
 */
export function qdelAnswer({ exitCode, stdout, stderr }: CommandResult, ids: readonly JobId[]): QdelAnswer {
  const lines = `${stderr}\n${stdout}`.split('\n').filter((line) => line.trim() !== '');
  const complaints = new Map(
    lines.flatMap((line) => {
      const id = jobOf(line, ids);
      return id === undefined ? [] : [[id, line] as const];
    }),
  );
  if (exitCode !== 0 && (lines.length === 0 || complaints.size < lines.length)) {
    throw new Error('it did not say which jobs it deleted');
  }
  const unreachable = ids.filter((id) => UNREACHABLE.test(complaints.get(id) ?? ''));
  const others = ids.filter((id) => !unreachable.includes(id));
  return { outcomes: new Map(others.map((id) => [id, outcome(complaints.get(id))])), unreachable };
}

function outcome(complaint: string | undefined): CancelOutcome {
  if (complaint === undefined) {
    return 'cancelled';
  }
  return GONE.test(complaint) ? 'gone' : 'failed';
}

/** The job that a line is about: `qdel: … 89.server`, or, of Slurm's, `qdel: Kill job error on job id 89: …`. */
function jobOf(line: string, ids: readonly JobId[]): JobId | undefined {
  const number =
    /^qdel: .* job id (\d+): /.exec(line)?.[1] ?? /^qdel: .*\s(\d+)(?:\.\S+)?\s*$/.exec(line)?.[1];
  return ids.find((id) => jobNumber(id) === number);
}
