import { TERMINAL_JOB_STATES, type JobId, type JobStatus } from './contract.js';

/** Files of a job's output. */
export type JobOutput = Required<Pick<JobStatus, 'stdoutPath' | 'stderrPath'>>;

/**
 * What became of the last request to end a job. `doubtful`: it may have got through, and the job may run on; `refused`:
 * that, or there was none.
 */
export type Cancellation = 'refused' | 'doubtful' | 'accepted';

interface SubmittedJob {
  readonly output: JobOutput;
  status: JobStatus;
  cancellation: Cancellation;
  /** Since when the scheduler does not know it; `undefined`: it does. */
  missingSince: number | undefined;
}

/**
 * What is known of the jobs that were submitted. Pure: it is told what the scheduler says, and when. A terminal state
 * stays; a job that no answer mentions stays as it was, `pending` at first.
 */
export class SubmittedJobs {
  readonly #jobs = new Map<JobId, SubmittedJob>();
  readonly #patienceMs: number;

  /** @param patienceMs how long a job may be unknown to the scheduler before it is taken for ended */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Adds a job that was just submitted. */
  add(id: JobId, output: JobOutput): void {
    const status: JobStatus = { state: 'pending', ...output };
    this.#jobs.set(id, { output, status, cancellation: 'refused', missingSince: undefined });
  }

  /** What is known of a job; `undefined` for one that was not submitted here. */
  status(id: JobId): JobStatus | undefined {
    return this.#jobs.get(id)?.status;
  }

  /** Whether a job was submitted here and is not known to have ended. */
  isOpen(id: JobId): boolean {
    return this.#open(id) !== undefined;
  }

  /** Whether a job may run, or come to run, without anybody having ended it: the scheduler has not taken a request to. */
  mayRunOn(id: JobId): boolean {
    const job = this.#open(id);
    return job !== undefined && job.cancellation !== 'accepted';
  }

  /** Notes what became of a request to end a job. What was accepted is not made doubtful by another request. */
  cancelling(id: JobId, cancellation: Cancellation): void {
    const job = this.#open(id);
    if (job !== undefined && !(cancellation === 'doubtful' && job.cancellation === 'accepted')) {
      job.cancellation = cancellation;
    }
  }

  /** Takes what the scheduler says of a job. A job that fails after it was asked to is cancelled. */
  told(id: JobId, status: JobStatus): void {
    const job = this.#open(id);
    if (job !== undefined) {
      const state = job.cancellation !== 'refused' && status.state === 'failed' ? 'cancelled' : status.state;
      job.status = { ...job.output, ...status, state };
      job.missingSince = undefined;
    }
  }

  /**
   * Takes that the scheduler does not know a job. If it had taken a request to cancel it, the job has ended; another one
   * may not be known yet, and has ended only if it is still unknown when patience is over.
   *
   * @param verdict what it is taken for then
   * @param now in ms, on a clock that never goes back
   */
  missing(id: JobId, verdict: JobStatus, now: number): void {
    const job = this.#open(id);
    if (job === undefined) {
      return;
    }
    const since = job.missingSince ?? now;
    if (job.cancellation === 'accepted') {
      this.told(id, { ...verdict, state: 'cancelled' });
    } else if (now - since >= this.#patienceMs) {
      this.told(id, verdict);
    } else {
      job.missingSince = since;
    }
  }

  #open(id: JobId): SubmittedJob | undefined {
    const job = this.#jobs.get(id);
    return job !== undefined && !TERMINAL_JOB_STATES.has(job.status.state) ? job : undefined;
  }
}
