import {
  outputTail,
  TERMINAL_JOB_STATES,
  type CancelOutcome,
  type ExecutionProvider,
  type JobId,
  type JobStatus,
} from '@parsl-ts/provider';
import type { BlockScaling, Logger } from '../executor.js';
import { BlockFailedError } from './block-failed-error.js';
import type { BlockJob } from './block-machine.js';

/** What a scheduler said of a block's job. */
export interface BlockNews {
  readonly job: BlockJob;
  readonly status: JobStatus;
  /** Whether it is the last that will be heard of it. */
  readonly ended: boolean;
}

/** What {@link BlockJobs} is made of. */
export interface BlockJobsOptions {
  readonly scaling: BlockScaling;
  /** What a job's name begins with; the block's id follows. */
  readonly namePrefix: string;
  readonly scriptDir: string;
  readonly logger: Logger;
}

/** The jobs of an executor's blocks: asks the provider, and puts up with whatever it does. */
export class BlockJobs {
  readonly #options: BlockJobsOptions;
  readonly #provider: ExecutionProvider;
  readonly #abort = new AbortController();
  readonly #submissions = new Set<Promise<unknown>>();
  #silent = false;

  constructor(options: BlockJobsOptions) {
    this.#options = options;
    this.#provider = options.scaling.provider;
  }

  /** How many submissions are under way. */
  get submitting(): number {
    return this.#submissions.size;
  }

  /** Submits a block. Rejects with whatever the provider threw. */
  async submit(blockId: string): Promise<JobId> {
    const { scaling, namePrefix, scriptDir, logger } = this.#options;
    const name = `${namePrefix}${blockId}`;
    const request = { name, command: scaling.blockCommand(blockId), tasksPerNode: 1, scriptDir };
    const answer = this.#provider.submit(request, this.#abort.signal);
    this.#submissions.add(answer);
    try {
      const jobId: unknown = await answer;
      if (typeof jobId !== 'string' || jobId === '') {
        throw new TypeError(`provider '${this.#provider.label}' gave no job id but ${String(jobId)}`);
      }
      logger.info({ blockId, jobId, name }, 'block submitted');
      return jobId;
    } finally {
      this.#submissions.delete(answer);
    }
  }

  /** Resolves when the submissions under way have ended, one way or the other. */
  async submissionsEnd(): Promise<void> {
    await Promise.allSettled(this.#submissions);
  }

  /** Asks for the states of jobs; gives nothing when the scheduler cannot be asked. Never rejects. */
  async news(jobs: readonly BlockJob[]): Promise<readonly BlockNews[]> {
    const { logger } = this.#options;
    try {
      const ids = jobs.map(({ jobId }) => jobId);
      const statuses = await this.#provider.status(ids, this.#abort.signal);
      if (this.#silent) {
        logger.info({}, 'the scheduler tells the states of blocks again');
      }
      this.#silent = false;
      return jobs.flatMap((job) => {
        const status = statuses.get(job.jobId);
        return status === undefined ? [] : [{ job, status, ended: TERMINAL_JOB_STATES.has(status.state) }];
      });
    } catch (error) {
      if (!this.#silent && !this.#abort.signal.aborted) {
        logger.warn({ error: messageOf(error) }, 'the scheduler does not tell the states of blocks');
      }
      this.#silent = true;
      return [];
    }
  }

  /** Asks to cancel jobs. Never rejects: what could not be asked has `failed`. */
  async cancel(jobs: readonly BlockJob[]): Promise<ReadonlyMap<string, CancelOutcome>> {
    let outcomes: ReadonlyMap<JobId, CancelOutcome> = new Map();
    try {
      outcomes = await this.#provider.cancel(jobs.map(({ jobId }) => jobId));
    } catch (error) {
      this.#options.logger.warn({ jobs, error: messageOf(error) }, 'blocks were not cancelled');
    }
    return new Map(jobs.map(({ blockId, jobId }) => [blockId, outcomes.get(jobId) ?? 'failed']));
  }

  /** Cancels jobs before it returns, as far as the provider can. Never throws. */
  cancelNow(jobs: readonly BlockJob[]): void {
    try {
      this.#provider.cancelNow?.(jobs.map(({ jobId }) => jobId));
    } catch (error) {
      this.#options.logger.error({ jobs, error: messageOf(error) }, 'blocks were not cancelled');
    }
  }

  /** Tells the provider that nobody waits for its answers any more. */
  abandon(): void {
    this.#abort.abort(new Error('the run is over'));
  }
}

/** The error of a block that failed, with the end of its output; `undefined` for one that ended as it may. */
export async function blockFailure(
  job: BlockJob,
  status: JobStatus,
  registered: boolean,
): Promise<BlockFailedError | undefined> {
  if (registered && status.state !== 'failed') {
    return undefined;
  }
  const [stdout, stderr] = await Promise.all([outputTail(status.stdoutPath), outputTail(status.stderrPath)]);
  return new BlockFailedError({ ...job, status, registered, stdout, stderr });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
