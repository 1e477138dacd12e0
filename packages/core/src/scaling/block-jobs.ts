import {
  outputTail,
  TERMINAL_JOB_STATES,
  type CancelOutcome,
  type ExecutionProvider,
  type JobId,
  type JobState,
  type JobStatus,
} from '@parsl-ts/provider';
import type { BlockScaling, Logger } from '../executor.js';
import { BlockFailedError } from './block-failed-error.js';
import type { BlockJob } from './block.js';
import { FaultLog } from './fault-log.js';

/** How long the output of a job that has ended may take to come, in ms. */
const OUTPUT_PATIENCE_MS = 5000;

/** Jobs that a line of the log names at most. */
const SHOWN = 20;

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
  /** Of jobs that have not ended, what the scheduler said last. */
  readonly #states = new Map<JobId, JobState>();
  readonly #submitFaults: FaultLog;
  readonly #statusFaults: FaultLog;
  readonly #cancelFaults: FaultLog;

  constructor(options: BlockJobsOptions) {
    const { logger, scaling } = options;
    this.#options = options;
    this.#provider = scaling.provider;
    this.#submitFaults = new FaultLog(logger, {
      failing: 'block was not submitted',
      working: 'the scheduler takes blocks again',
    });
    this.#statusFaults = new FaultLog(logger, {
      failing: 'the scheduler does not tell the states of blocks',
      working: 'the scheduler tells the states of blocks again',
    });
    this.#cancelFaults = new FaultLog(logger, {
      failing: 'blocks were not cancelled',
      working: 'the scheduler cancels blocks again',
    });
  }

  /** How many submissions are under way. */
  get submitting(): number {
    return this.#submissions.size;
  }

  /** Submits a block. Rejects with whatever the provider threw. */
  async submit(blockId: string): Promise<JobId> {
    const { namePrefix, logger } = this.#options;
    const name = `${namePrefix}${blockId}`;
    const answer = this.#ask(blockId, name);
    this.#submissions.add(answer);
    try {
      const jobId = await answer;
      this.#submitFaults.worked();
      logger.info({ blockId, jobId, name }, 'block submitted');
      return jobId;
    } catch (error) {
      // Each has a name of its own, and fails alike all the same.
      this.#submitFaults.failed({ blockId }, messageOf(error).replaceAll(name, namePrefix));
      throw error;
    } finally {
      this.#submissions.delete(answer);
    }
  }

  /** Asks before it returns. A provider that throws instead of rejecting is taken to have rejected. */
  async #ask(blockId: string, name: string): Promise<JobId> {
    const { scaling, scriptDir } = this.#options;
    const { blockSecret: secret } = scaling;
    const request = {
      ...{ name, command: scaling.blockCommand(blockId), tasksPerNode: 1, scriptDir },
      ...(secret === undefined ? {} : { secret }),
    };
    const jobId: unknown = await this.#provider.submit(request, this.#abort.signal);
    if (typeof jobId !== 'string' || jobId === '') {
      throw new TypeError(`provider '${this.#provider.label}' gave no job id but ${String(jobId)}`);
    }
    return jobId;
  }

  /** Resolves when the submissions under way have ended, one way or the other. */
  async submissionsEnd(): Promise<void> {
    await Promise.allSettled(this.#submissions);
  }

  /** Asks for the states of jobs; gives nothing when the scheduler cannot be asked. Never rejects. */
  async news(jobs: readonly BlockJob[]): Promise<readonly BlockNews[]> {
    try {
      const ids = jobs.map(({ jobId }) => jobId);
      const statuses = await this.#provider.status(ids, this.#abort.signal);
      const untold = jobs.filter(({ jobId }) => !statuses.has(jobId));
      if (untold.length > 0) {
        this.#statusFaults.failed({ jobs: untold.slice(0, SHOWN) }, 'nothing was told of some blocks');
      } else {
        this.#statusFaults.worked();
      }
      return jobs.flatMap((job) => {
        const status = statuses.get(job.jobId);
        return status === undefined ? [] : [this.#noted(job, status)];
      });
    } catch (error) {
      if (!this.#abort.signal.aborted) {
        this.#statusFaults.failed({}, messageOf(error));
      }
      return [];
    }
  }

  /** Logs what is new of a job. */
  #noted(job: BlockJob, status: JobStatus): BlockNews {
    const { logger } = this.#options;
    const { jobId } = job;
    const { state } = status;
    const ended = TERMINAL_JOB_STATES.has(state);
    const before = this.#states.get(jobId) ?? 'pending';
    if (ended) {
      this.#states.delete(jobId);
      logger.info({ ...job, ...status }, 'block ended');
    } else if (state !== before) {
      this.#states.set(jobId, state);
      const held = state === 'held';
      logger[held ? 'warn' : 'info'](
        { ...job, ...status },
        held ? 'the job of a block is held: it does not start by itself' : `the job of a block is ${state}`,
      );
    }
    return { job, status, ended };
  }

  /**
   * Asks to cancel jobs. Never rejects: what could not be asked has `failed`.
   *
   * @param signal aborts when nobody waits any longer
   */
  async cancel(jobs: readonly BlockJob[], signal?: AbortSignal): Promise<ReadonlyMap<string, CancelOutcome>> {
    let outcomes: ReadonlyMap<JobId, CancelOutcome> = new Map();
    let reason = 'the scheduler refused it or could not be asked';
    try {
      outcomes = await this.#provider.cancel(
        jobs.map(({ jobId }) => jobId),
        signal,
      );
    } catch (error) {
      reason = messageOf(error);
    }
    const left = jobs.filter(({ jobId }) => (outcomes.get(jobId) ?? 'failed') === 'failed');
    if (left.length > 0) {
      this.#cancelFaults.failed({ jobs: left.slice(0, SHOWN), count: left.length }, reason);
    } else {
      this.#cancelFaults.worked();
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

  /** The error of a block that failed, with the end of its output. */
  async failure({ job, status }: BlockNews, registered: boolean): Promise<BlockFailedError> {
    const patience = { ms: OUTPUT_PATIENCE_MS, signal: this.#abort.signal };
    const paths = [status.stdoutPath, status.stderrPath];
    const [stdout = '', stderr = ''] = await Promise.all(paths.map((path) => outputTail(path, patience)));
    return new BlockFailedError({ ...job, status, registered, stdout, stderr });
  }

  /** Tells the provider that nobody waits for its answers any more. */
  abandon(): void {
    this.#abort.abort(new Error('the run is over'));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
