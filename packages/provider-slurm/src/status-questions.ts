import {
  TERMINAL_JOB_STATES,
  type CommandResult,
  type JobId,
  type JobStatus,
  type SchedulerAnswer,
  type SchedulerQuestion,
} from '@parsl-ts/provider';
import { readSacct, sacctCommand, saysNoAccounting } from './read-sacct.js';
import { readSqueue, saysUnknownJob, squeueCommand } from './read-squeue.js';
import { byCluster } from './slurm-job-id.js';
import { statusOfAll, type SlurmRecord } from './slurm-state.js';

/** What jobs are taken for that the controller has forgotten, or never heard of. */
const FORGOTTEN: JobStatus = {
  state: 'failed',
  message:
    'Slurm no longer knows it, and keeps no account of how it ended. The controller remembers jobs for MinJobAge seconds',
};

/** Jobs of one cluster, by the number that it prints. */
type Jobs = ReadonlyMap<string, JobId>;
type Question = SchedulerQuestion<JobStatus>;

/**
 * Asks for the states of jobs: `sacct` where accounts are kept, which its first answer tells, otherwise `squeue`. The
 * latter has the last word on jobs that `sacct` does not list, for it is a few seconds late; and on ends: `sacct` tells
 * of them while processes of the job still run, and when the job waits again because it was requeued.
 */
export class StatusQuestions {
  /** Clusters that keep no accounts. */
  readonly #unaccounted = new Set<string | undefined>();

  /** @param ids at least one */
  about(ids: readonly JobId[]): Question {
    const [first, ...others] = [...byCluster(ids)].map(([cluster, jobs]) => this.#ask(cluster, jobs));
    if (first === undefined) {
      throw new TypeError('there is no job to ask about');
    }
    return {
      ...first,
      read: (result) => {
        const answer = first.read(result);
        return { ...answer, next: [...(answer.next ?? []), ...others] };
      },
    };
  }

  #ask(cluster: string | undefined, jobs: Jobs): Question {
    return this.#unaccounted.has(cluster) ? squeueQuestion(cluster, jobs) : this.#askSacct(cluster, jobs);
  }

  #askSacct(cluster: string | undefined, jobs: Jobs): Question {
    return {
      argv: sacctCommand(cluster, jobs),
      read: ({ exitCode, stdout, stderr }) => {
        if (exitCode !== 0) {
          // Without accounts it never works; with a database that is down, not now.
          if (saysNoAccounting(stderr)) {
            this.#unaccounted.add(cluster);
          }
          return { jobs: new Map(), next: [squeueQuestion(cluster, jobs)] };
        }
        return answerOfSacct(cluster, jobs, readSacct(stdout));
      },
    };
  }
}

function answerOfSacct(
  cluster: string | undefined,
  jobs: Jobs,
  records: ReadonlyMap<string, readonly SlurmRecord[]>,
): SchedulerAnswer<JobStatus> {
  const told = new Map<JobId, JobStatus>();
  const verdicts = new Map<JobId, JobStatus>();
  const doubtful = new Map<string, JobId>();
  for (const [number, id] of jobs) {
    const parts = records.get(number) ?? [];
    const status = parts.length === 0 ? undefined : statusOfAll(parts);
    if (status !== undefined && !TERMINAL_JOB_STATES.has(status.state)) {
      told.set(id, status);
      continue;
    }
    doubtful.set(number, id);
    if (status !== undefined) {
      verdicts.set(id, status);
    }
  }
  return {
    jobs: told,
    next: doubtful.size === 0 ? [] : [squeueQuestion(cluster, doubtful, verdicts)],
  };
}

/** @param verdicts how jobs have ended, unless the controller says that they go on */
function squeueQuestion(
  cluster: string | undefined,
  jobs: Jobs,
  verdicts: ReadonlyMap<JobId, JobStatus> = new Map(),
): Question {
  return {
    argv: squeueCommand(cluster, jobs),
    read: (result) => answerOfSqueue(jobs, verdicts, result),
  };
}

function answerOfSqueue(
  jobs: Jobs,
  verdicts: ReadonlyMap<JobId, JobStatus>,
  { exitCode, stdout, stderr }: CommandResult,
): SchedulerAnswer<JobStatus> {
  if (exitCode !== 0 && !saysUnknownJob(stderr)) {
    throw new Error('squeue could not say what jobs do');
  }
  const records = readSqueue(stdout);
  const told = new Map<JobId, JobStatus>();
  const missing = new Map<JobId, JobStatus>();
  for (const [number, id] of jobs) {
    const parts = records.get(number) ?? [];
    const current = parts.length > 0 ? statusOfAll(parts) : undefined;
    const over = current === undefined || TERMINAL_JOB_STATES.has(current.state);
    const status = over ? (verdicts.get(id) ?? current) : current;
    if (status === undefined) {
      missing.set(id, FORGOTTEN);
    } else {
      told.set(id, status);
    }
  }
  return { jobs: told, missing };
}
