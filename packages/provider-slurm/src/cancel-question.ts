import type { CancelOutcome, CommandResult, JobId, SchedulerQuestion } from '@parsl-ts/provider';
import { byCluster, clusterArgument, numberOfPart } from './slurm-job-id.js';

/**
 * Cancels jobs, cluster by cluster. `scancel` is silent about jobs that are over or unknown, unless it is told to talk.
 */
export function cancelQuestion(ids: readonly JobId[]): SchedulerQuestion<CancelOutcome> {
  const [first, ...others] = [...byCluster(ids)].map(([cluster, jobs]) => askCluster(cluster, jobs));
  if (first === undefined) {
    throw new TypeError('there is no job to cancel');
  }
  return { ...first, read: (result) => ({ ...first.read(result), next: others }) };
}

function askCluster(
  cluster: string | undefined,
  jobs: ReadonlyMap<string, JobId>,
): SchedulerQuestion<CancelOutcome> {
  return {
    argv: ['scancel', '--verbose', ...clusterArgument(cluster), ...jobs.keys()],
    read: (result) => ({ jobs: readOutcomes(result, jobs) }),
  };
}

function readOutcomes(
  { exitCode, stderr }: CommandResult,
  jobs: ReadonlyMap<string, JobId>,
): ReadonlyMap<JobId, CancelOutcome> {
  const complaints = [...stderr.matchAll(/^scancel: error: Kill job error on job id (\S+): (.*)$/gm)];
  if (exitCode !== 0 && complaints.length === 0) {
    throw new Error('scancel could not cancel anything');
  }
  const outcomes = new Map<JobId, CancelOutcome>([...jobs.values()].map((id) => [id, 'cancelled']));
  for (const [, printed = '', why = ''] of complaints) {
    const id = jobs.get(numberOfPart(printed) ?? '');
    if (id !== undefined) {
      outcomes.set(id, /already complet|invalid job id/i.test(why) ? 'gone' : 'failed');
    }
  }
  return outcomes;
}
