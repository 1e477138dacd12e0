import {
  TERMINAL_JOB_STATES,
  type JobId,
  type JobStatus,
  type SchedulerAnswer,
  type SchedulerError,
  type SchedulerQuestion,
} from '@parsl-ts/provider';
import { CompletingJobs } from './completing-jobs.js';
import { EndedParts, endsByPart } from './ended-parts.js';
import { readSacct, sacctCommand, saysNoAccounting } from './read-sacct.js';
import { readSqueue, saysUnknownJob, squeueCommand } from './read-squeue.js';
import { byCluster, isOnePart } from './slurm-job-id.js';
import { statusOfAll, type SlurmRecord } from './slurm-state.js';

/** What jobs are taken for that the controller has forgotten, or never heard of. */
const FORGOTTEN: JobStatus = {
  state: 'failed',
  message:
    'Slurm no longer knows it, and keeps no account of how it ended. The controller remembers jobs for MinJobAge seconds',
};

/**
 * How often in a row `sacct` is believed that a job goes on. It says so for ever of a job that the controller has lost,
 * in a crash that cost it the last seconds of its memory.
 */
const BELIEF = 10;

/**
 * How long `sacct` is not asked after it has taken too long, in ms. Its database is overloaded then, and every question to it
 * would cost as much time again.
 */
const SPARE_MS = 300_000;

/** Jobs of one cluster, by the number that it prints. */
type Jobs = ReadonlyMap<string, JobId>;
type Question = SchedulerQuestion<JobStatus>;
type Records = ReadonlyMap<string, readonly SlurmRecord[]>;

/**
 * Asks for the states of jobs: `sacct` where accounts are kept, which its first answer tells, otherwise `squeue`, which
 * also answers where `sacct` is not installed or takes too long. `squeue` has the last word on jobs that `sacct` does not
 * list, for it is a few seconds late; on ends, of which `sacct` tells while processes of the job still run, or when it waits
 * again because it was requeued; and now and then on the others. A job that completes for more than a minute has ended,
 * though: as `sacct` says, or else as `squeue` lets one infer.
 */
export class StatusQuestions {
  readonly #now: () => number;
  readonly #sinceMs: number;
  /** Clusters that keep no accounts, or none that can be read here. */
  readonly #unaccounted = new Set<string | undefined>();
  /** Until when the accounts of a cluster are not asked for. */
  readonly #spared = new Map<string | undefined, number>();
  /** How often in a row `sacct` was believed, by job. */
  readonly #beliefs = new Map<JobId, number>();
  /** Jobs that run. That one of them waits again, `sacct` may say because it is late. */
  readonly #running = new Set<JobId>();
  readonly #completing: CompletingJobs;
  readonly #ended = new EndedParts();

  /**
   * @param now a clock that never goes back, in ms
   * @param sinceMs when the first of the jobs can have been submitted, in ms since 1970
   */
  constructor(now = () => performance.now(), sinceMs = 0) {
    this.#now = now;
    this.#sinceMs = sinceMs;
    this.#completing = new CompletingJobs(now);
  }

  /** @param ids at least one */
  about(ids: readonly JobId[]): Question {
    const [first, ...others] = [...byCluster(ids)].map(([cluster, jobs]) => this.#ask(cluster, jobs));
    if (first === undefined) {
      throw new TypeError('there is no job to ask about');
    }
    const instead = first.instead?.bind(first);
    return {
      ...first,
      read: (result) => {
        const answer = first.read(result);
        return { ...answer, next: [...(answer.next ?? []), ...others] };
      },
      ...(instead === undefined ? {} : { instead: (failure) => [...instead(failure), ...others] }),
    };
  }

  #ask(cluster: string | undefined, jobs: Jobs): Question {
    const spared = this.#now() < (this.#spared.get(cluster) ?? 0);
    return spared || this.#unaccounted.has(cluster)
      ? this.#askSqueue(cluster, jobs)
      : this.#askSacct(cluster, jobs);
  }

  #askSacct(cluster: string | undefined, jobs: Jobs): Question {
    return {
      argv: sacctCommand(cluster, jobs),
      read: ({ exitCode, stdout, stderr }) => {
        if (exitCode === 0) {
          return this.#answerOfSacct(cluster, jobs, readSacct(stdout, this.#sinceMs));
        }
        // Without accounts it never works; with a database that is down, not now.
        if (saysNoAccounting(stderr)) {
          this.#unaccounted.add(cluster);
        }
        return { jobs: new Map(), next: [this.#askSqueue(cluster, jobs)] };
      },
      instead: (failure) => {
        if (isMissing(failure)) {
          this.#unaccounted.add(cluster);
        } else {
          this.#spared.set(cluster, this.#now() + SPARE_MS);
        }
        return [this.#askSqueue(cluster, jobs)];
      },
    };
  }

  #answerOfSacct(cluster: string | undefined, jobs: Jobs, records: Records): SchedulerAnswer<JobStatus> {
    const told = new Map<JobId, JobStatus>();
    const doubtful = new Map<string, JobId>();
    for (const [number, id] of jobs) {
      const status = statusOfAll(records.get(number) ?? []);
      if (status !== undefined && !isOver(status) && this.#believes(id, status)) {
        told.set(id, this.#noted(id, status));
      } else {
        doubtful.set(number, id);
      }
    }
    return { jobs: told, next: doubtful.size === 0 ? [] : [this.#askSqueue(cluster, doubtful, records)] };
  }

  /** @param accounts what `sacct` tells of the jobs */
  #askSqueue(cluster: string | undefined, jobs: Jobs, accounts: Records = new Map()): Question {
    return {
      argv: squeueCommand(cluster, jobs),
      read: ({ exitCode, stdout, stderr }) => {
        if (exitCode !== 0 && !saysUnknownJob(stderr)) {
          throw new Error('squeue could not say what jobs do');
        }
        return this.#answerOfSqueue(jobs, readSqueue(stdout), accounts);
      },
    };
  }

  #answerOfSqueue(jobs: Jobs, records: Records, accounts: Records): SchedulerAnswer<JobStatus> {
    const told = new Map<JobId, JobStatus>();
    const missing = new Map<JobId, JobStatus>();
    for (const [number, id] of jobs) {
      const accounted = accounts.get(number) ?? [];
      const parts = this.#completing.settled(id, records.get(number) ?? [], endsByPart(accounted));
      const current = statusOfAll(parts);
      const ends = endsOfBoth(this.#ended.of(id, parts), accounted);
      const status = current === undefined || isOver(current) ? statusOfAll([...ends.values()]) : current;
      if (status === undefined || (isOver(status) && mayStillFail(status, accounted, ends))) {
        missing.set(id, FORGOTTEN);
      } else {
        told.set(id, this.#noted(id, status));
        this.#beliefs.delete(id);
      }
    }
    return { jobs: told, missing };
  }

  #believes(id: JobId, { state }: JobStatus): boolean {
    const times = (this.#beliefs.get(id) ?? 0) + 1;
    this.#beliefs.set(id, times);
    return times <= BELIEF && (state === 'running' || !this.#running.has(id));
  }

  #noted(id: JobId, status: JobStatus): JobStatus {
    if (status.state === 'running') {
      this.#running.add(id);
    } else {
      this.#running.delete(id);
    }
    if (isOver(status)) {
      this.#completing.forget(id);
      this.#ended.forget(id);
    }
    return status;
  }
}

function isOver({ state }: JobStatus): boolean {
  return TERMINAL_JOB_STATES.has(state);
}

/**
 * How parts of a job have ended. Of what the controller tells, it knows best: `sacct` is late, so that it may lack parts or
 * tell of a run before the last one, and it takes 128 off exit codes that are not less (137 becomes 9). But it still knows
 * parts that the controller has forgotten.
 *
 * @param controller ends that the controller told of, by part
 * @param accounted what `sacct` tells of the parts
 */
function endsOfBoth(
  controller: ReadonlyMap<string, SlurmRecord>,
  accounted: readonly SlurmRecord[],
): ReadonlyMap<string, SlurmRecord> {
  return new Map([...endsByPart(accounted), ...controller]);
}

/**
 * Whether a job has a part of which nobody tells how it ended: the controller has forgotten it, and `sacct` has not heard of
 * its end yet, or never will.
 */
function mayStillFail(
  { state }: JobStatus,
  accounted: readonly SlurmRecord[],
  ends: ReadonlyMap<string, SlurmRecord>,
): boolean {
  const untold = ({ part }: SlurmRecord): boolean => isOnePart(part) && !ends.has(part);
  return state !== 'failed' && accounted.some(untold);
}

/** Whether a command is not installed here. */
function isMissing({ cause }: SchedulerError): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
