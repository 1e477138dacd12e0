import { TERMINAL_JOB_STATES, type JobId, type JobStatus } from './contract.js';

/** Files of a job's output. */
export type JobOutput = Required<Pick<JobStatus, 'stdoutPath' | 'stderrPath'>>;

/**
 * What became of the last request to end a job. `doubtful`: it may have got through, and the job may run on; `refused`:
 * that, or there was none.
 */
export type Cancellation = 'refused' | 'doubtful' | 'accepted';

/** For how long the scheduler has said that it does not know a job. */
interface Absence {
  readonly ms: number;
  /** When it said so last, in ms; `undefined`: it has not answered since. */
  readonly last: number | undefined;
}

const PRESENT: Absence = { ms: 0, last: undefined };

interface SubmittedJob {
  readonly output: JobOutput;
  status: JobStatus;
  cancellation: Cancellation;
  absence: Absence;
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
    this.#jobs.set(id, { output, status, cancellation: 'refused', absence: PRESENT });
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
      job.absence = PRESENT;
    }
  }

  /**
   * Takes that the scheduler does not know a job. If it had taken a request to cancel it, the job has ended; another one
   * may not be known yet, and has ended only if it is still unknown when patience is over. The time in which the scheduler
   * does not answer does not count: when it is back, it may need some to get to know its jobs.
   *
   * @param verdict what it is taken for then
   * @param now in ms, on a clock that never goes back
   */
  missing(id: JobId, verdict: JobStatus, now: number): void {
    const job = this.#open(id);
    if (job === undefined) {
      return;
    }
    const { ms, last = now } = job.absence;
    job.absence = { ms: ms + now - last, last: now };
    if (job.cancellation === 'accepted') {
      this.told(id, { ...verdict, state: 'cancelled' });
    } else if (job.absence.ms >= this.#patienceMs) {
      this.told(id, verdict);
    }
  }

  /** Takes that the scheduler did not answer a question about a job. */
  unanswered(id: JobId): void {
    const job = this.#open(id);
    if (job !== undefined) {
      job.absence = { ...job.absence, last: undefined };
    }
  }

  #open(id: JobId): SubmittedJob | undefined {
    const job = this.#jobs.get(id);
    return job !== undefined && !TERMINAL_JOB_STATES.has(job.status.state) ? job : undefined;
  }
}
