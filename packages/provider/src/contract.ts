/**
 * What a scheduler calls a job. An opaque string: only the provider that returned it can read it.
 */
export type JobId = string;

/**
 * What a batch scheduler says of a job. States that an executor concludes for itself (a block whose pools never
 * registered, a block it scaled in) are not job states.
 *
 * - `pending`: accepted and waiting, or not visible to the scheduler's status command yet
 * - `held`: waiting for a person, or asks for what there never is: will not start by itself. `message` says why
 * - `running`: its script has started
 * - `completed`: ended with exit code 0
 * - `failed`: ended with another exit code, by a signal, or with its node
 * - `timeout`: ended by its walltime, or preempted for good
 * - `cancelled`: ended because somebody asked for it
 */
export type JobState = 'pending' | 'held' | 'running' | 'completed' | 'failed' | 'timeout' | 'cancelled';

/** The states that a job never leaves. */
export const TERMINAL_JOB_STATES: ReadonlySet<JobState> = new Set([
  'completed',
  'failed',
  'timeout',
  'cancelled',
]);

/** One job as the scheduler sees it now. */
export interface JobStatus {
  readonly state: JobState;
  /** Exit code of the job script, 0 to 255, where the scheduler told it. */
  readonly exitCode?: number;
  /** Name of the signal that ended the job (`SIGKILL`), where the scheduler told it. */
  readonly signal?: string;
  /** What the scheduler says about it in words, for people. */
  readonly message?: string;
  /** File with the job's standard output. It may not exist before the job ends. */
  readonly stdoutPath?: string;
  /** File with the job's standard error. It may not exist before the job ends. */
  readonly stderrPath?: string;
}

/**
 * What became of a request to cancel.
 *
 * - `cancelled`: the scheduler took the request
 * - `gone`: the job had ended before, or the scheduler has never heard of it: nothing is left to cancel
 * - `failed`: the request was refused or did not get through; it may be asked again
 */
export type CancelOutcome = 'cancelled' | 'gone' | 'failed';

/** What one block is to run. */
export interface BlockRequest {
  /** Name of the job, unique within a run: letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** A line of `sh` that starts one worker pool. A launcher turns it into one pool per node. */
  readonly command: string;
  /** How many copies of `command` each node runs. At least 1. */
  readonly tasksPerNode: number;
  /** Existing directory, owned by the caller, for the job script and its output. Absolute path. */
  readonly scriptDir: string;
  /**
   * What `command` needs and no other user may see: one word of letters, digits, `_` and `-`. Every copy of `command`
   * finds it in its environment, as {@link SECRET_VARIABLE}. It is never in the arguments of a process, nor in the
   * environment that a job is submitted with. Given only to a provider that `carriesSecrets`.
   */
  readonly secret?: string;
}

/** The environment variable in which a block's command finds the secret of its request. */
export const SECRET_VARIABLE = 'PARSL_SECRET';

/**
 * The environment variable in which a block's command finds when the scheduler ends the block: seconds since 1970, by the
 * clock of the block's nodes.
 */
export const BLOCK_END_VARIABLE = 'PARSL_BLOCK_END';

/** What is known in advance of a node of a block. */
export interface NodeResources {
  /** Cores of a node that the block may use. */
  readonly cores?: number;
  /** Memory of a node that the block may use, in GB. */
  readonly memoryGb?: number;
}

/** How many blocks a run wants. */
export interface BlockLimits {
  /** Blocks submitted at the start. */
  readonly init: number;
  /** Blocks kept while the run lasts; lost ones are replaced. */
  readonly min: number;
  /** Blocks never exceeded, requests under way included. */
  readonly max: number;
  /** Worker slots wanted per outstanding task, from 0 (one block serves any number of tasks) to 1. */
  readonly parallelism: number;
  /**
   * Blocks submitted within any minute at most, by all executors and kernels of this process that share the provider.
   *
   * @default no limit
   */
  readonly maxSubmissionsPerMinute?: number;
}

/**
 * Gets nodes from one batch scheduler. Commands run on the submit host, in `process.env` as it is at that moment; there
 * is no channel to another host.
 *
 * One object may serve several executors and kernels of a process: it keeps nothing about a run but the jobs it has
 * submitted.
 */
export interface ExecutionProvider {
  /** Short name of the scheduler, for log lines: `slurm`, `local`. */
  readonly label: string;
  /**
   * Whether every block runs on this very host, so that its worker pools reach this process by a loopback address and
   * nothing has to listen on the network.
   *
   * @default false
   */
  readonly onThisHost?: boolean;
  /**
   * Whether a request's `secret` reaches the nodes unseen by other users: they can read the job script neither here nor
   * where the scheduler keeps it, and the launcher hands on the environment. Without it, a block's command names a file
   * that the nodes must be able to read.
   *
   * @default false
   */
  readonly carriesSecrets?: boolean;
  /** Nodes that one block asks for. At least 1. */
  readonly nodesPerBlock: number;
  readonly node: NodeResources;
  readonly blocks: BlockLimits;
  /**
   * How long a block may run from the moment at which its script starts, in ms; the scheduler ends it then. Worker pools
   * stop to take tasks in time, unless the environment of the block's command says in {@link BLOCK_END_VARIABLE} exactly
   * when that is. A positive number.
   *
   * @default no limit
   */
  readonly walltimeMs?: number;
  /**
   * How long a status stays good enough, in ms. The caller asks no more often than this, but for once a second at most while
   * worker pools of blocks are being lost.
   */
  readonly pollIntervalMs: number;
  /**
   * Submits one block as one job.
   *
   * @throws SubmitError when the scheduler did not take it, or it is not known whether it did. Never resolves to an
   *   empty id. A provider sees to it that a job of which this is not known is found and cancelled, if it can.
   */
  submit(request: BlockRequest, signal?: AbortSignal): Promise<JobId>;
  /**
   * Asks for the state of `ids`. A job that the scheduler does not show yet is `pending`; a terminal state never
   * changes again, any other one may: a job that was running is `pending` again when it is requeued. Left out of the
   * answer are ids that this provider did not submit, and those of which nothing could be learned while others could be
   * asked for: the caller keeps what it knew of them.
   *
   * @throws SchedulerError when the scheduler could not be asked at all. The caller then keeps what it knew.
   */
  status(ids: readonly JobId[], signal?: AbortSignal): Promise<ReadonlyMap<JobId, JobStatus>>;
  /**
   * Cancels jobs. Idempotent: a job that has ended is `gone`. Answers for every id.
   *
   * @throws SchedulerError when the scheduler could not be asked at all: then every one of them has `failed`.
   */
  cancel(ids: readonly JobId[], signal?: AbortSignal): Promise<ReadonlyMap<JobId, CancelOutcome>>;
  /**
   * Cancels jobs before it returns, as well as can be done in a few seconds. Called when the process is about to exit and
   * nothing asynchronous can run any more. Optional: without it, pools of a lost run still end by themselves.
   */
  cancelNow?(ids: readonly JobId[]): void;
}
