import type { CancelOutcome, CommandResult, JobId } from '@parsl-ts/provider';

/**
 * What became of jobs that `qdel` was asked to delete. It ends with 1 as soon as one of them does not exist, whatever
 * became of the others.
 *
 * @throws Error when the qmaster did not answer
 */
export function readOutcomes({ exitCode, stdout }: CommandResult): ReadonlyMap<JobId, CancelOutcome> {
  const outcomes = new Map<JobId, CancelOutcome>();
  for (const [line, id = ''] of stdout.matchAll(/^.*\bjob "?(\d+)\b.*/gm)) {
    outcomes.set(
      id,
      line.includes('does not exist') ? 'gone' : line.includes('privileges') ? 'failed' : 'cancelled',
    );
  }
  if (exitCode !== 0 && outcomes.size === 0) {
    throw new Error('qdel deleted nothing');
  }
  return outcomes;
}
