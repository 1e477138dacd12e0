import type { CommandResult, JobId, JobStatus, SchedulerAnswer, SchedulerQuestion } from '@parsl-ts/provider';
import { readSacct, SACCT_OPTIONS, saysNoAccounting } from './read-sacct.js';
import { readSqueue, saysUnknownJob, SQUEUE_OPTIONS } from './read-squeue.js';
import { byCluster } from './slurm-job-id.js';
import { statusOfAll, type SlurmRecord } from './slurm-state.js';

/** What jobs are taken for that the controller has forgotten, or never heard of. */
const FORGOTTEN: JobStatus = {
  state: 'failed',
  message:
    'Slurm no longer knows it, and keeps no account of how it ended. The controller remembers jobs for MinJobAge seconds',
};

/**
 * States that `sacct` still tells when the job has been requeued and waits again: the controller knows better. It has the
 * last word as well on jobs that `sacct` has not heard of yet.
 */
const DOUBTFUL = /^(?:BOOT_FAIL|FAILED|LAUNCH_FAILED|NODE_FAIL|PREEMPTED|RECONFIG_FAIL|REQUEUE|REVOKED)/;

/** Jobs of one cluster, by the number that it prints. */
type Jobs = ReadonlyMap<string, JobId>;
type Question = SchedulerQuestion<JobStatus>;

/** Asks for the states of jobs: `sacct`, where accounts are kept, which the first answer tells, and `squeue`. */
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
      argv: ['sacct', ...SACCT_OPTIONS, ...where(cluster), `--jobs=${[...jobs.keys()].join(',')}`],
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
    if (parts.length > 0 && !parts.some(({ state }) => DOUBTFUL.test(state))) {
      told.set(id, statusOfAll(parts));
      continue;
    }
    doubtful.set(number, id);
    if (parts.length > 0) {
      verdicts.set(id, statusOfAll(parts));
    }
  }
  return {
    jobs: told,
    next: doubtful.size === 0 ? [] : [squeueQuestion(cluster, doubtful, verdicts)],
  };
}

/** @param verdicts what jobs are that the controller has forgotten */
function squeueQuestion(
  cluster: string | undefined,
  jobs: Jobs,
  verdicts: ReadonlyMap<JobId, JobStatus> = new Map(),
): Question {
  return {
    argv: ['squeue', ...SQUEUE_OPTIONS, ...where(cluster), `--jobs=${[...jobs.keys()].join(',')}`],
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
    const status = parts.length > 0 ? statusOfAll(parts) : verdicts.get(id);
    if (status === undefined) {
      missing.set(id, FORGOTTEN);
    } else {
      told.set(id, status);
    }
  }
  return { jobs: told, missing };
}

function where(cluster: string | undefined): readonly string[] {
  return cluster === undefined ? [] : [`--clusters=${cluster}`];
}
