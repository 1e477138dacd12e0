import type { CodeBundle } from '@parsl-ts/bundler';
import type { ExecutionProvider, JobStatus } from '@parsl-ts/provider';

/**
 * Runs tasks. The kernel calls an executor for tasks whose arguments are ready; the executor tells what became of each
 * through the {@link ExecutorTask} it was given. Everything an executor may use is here and in this package's other
 * exports, so a third party can write one.
 */
export interface Executor {
  /** Unique among the executors of a kernel. */
  readonly label: string;
  /** How many tasks were submitted and are not settled. Read by the kernel to choose between executors. */
  readonly outstanding: number;
  /** Bytes of the arguments of these tasks, if it keeps copies of them in memory. @default 0 */
  readonly outstandingBytes?: number;
  /** How many tasks can run at once right now, as far as is known; at least 1. */
  readonly capacity: number;
  /** Starts. Called once, before any task. Rejects when the executor cannot work at all. */
  start(context: ExecutorContext): Promise<void>;
  /**
   * Takes one task. Must not throw and must not wait: what goes wrong goes to `task.failed`. Tasks that arrive in one
   * turn of the event loop may be sent together.
   */
  submit(task: ExecutorTask): void;
  /**
   * Drops a task that has not started, or stops it if it runs, by force if it does not heed its signal. The executor
   * settles the task as failed with `reason` as soon as nothing of it runs any more.
   */
  cancel(task: ExecutorTask, reason: unknown): void;
  /** Ends. Tasks that are not settled fail. Idempotent. */
  close(): Promise<void>;
  /** Ends what it started before it returns, when the process exits and nothing asynchronous can run any more. */
  closeNow?(): void;
  /** Present if the executor runs on blocks from a provider, which the kernel then scales. */
  readonly scaling?: BlockScaling;
}

/** What a kernel gives its executors. */
export interface ExecutorContext {
  /** Absolute path of the run's directory, `runinfo/NNN`. */
  readonly runDir: string;
  /** Identifies the run, also across hosts. */
  readonly runId: string;
  readonly logger: Logger;
  /**
   * Call when the executor can never work again. It gets no more tasks from then on: other executors do, or they fail with
   * this. So will those that it still holds, unless it says before it gives up its turn how they have ended. Then it is
   * closed.
   */
  fatal(error: Error): void;
  /**
   * How the job of a block has ended, for an executor that has lost a worker pool of it. If that is not known, the
   * scheduler is asked out of turn, though no more than once a second.
   *
   * @returns `undefined` where the job goes on as far as its scheduler knows, where that did not answer within two seconds,
   *   and where there is no such job. Never rejects
   */
  blockEnd(blockId: string): Promise<EndedBlock | undefined>;
}

/** A block of which the job has ended. */
export interface EndedBlock extends BlockReport {
  readonly jobId: string;
  readonly status: JobStatus;
}

/** One try of one task. */
export interface ExecutorTask {
  /** Number of the task in its kernel, from 0. */
  readonly taskId: number;
  /** Number of the try, from 0. */
  readonly attempt: number;
  /** The function, ready to be called here or shipped elsewhere. */
  readonly app: TaskFunction;
  /** Arguments with every future replaced by its value. */
  readonly args: readonly unknown[];
  /** Smaller runs sooner; tasks without one come last; ties run in order of submission. */
  readonly priority: number | undefined;
  /** How long the function may run, in ms. Starts when it starts. */
  readonly timeoutMs: number | undefined;
  /** File that takes what the function writes to standard output (appended), absolute; `undefined`: not captured. */
  readonly stdout: string | undefined;
  /** The same for standard error. */
  readonly stderr: string | undefined;
  /** The function has started. May be left out for tasks that take a few ms. */
  started(where: TaskPlace): void;
  /** The function returned `value`. The first of `succeeded` and `failed` counts. */
  succeeded(value: unknown): void;
  /** The function threw, or could not be run. */
  failed(error: unknown): void;
}

/** Where a try runs. */
export interface TaskPlace {
  /** Identifies the worker within its executor, for people. */
  readonly worker: string;
  readonly host?: string;
}

/** The function of an app, the same object for all its tasks. */
export interface TaskFunction {
  /** Name for messages and logs. */
  readonly name: string;
  /** The function itself; `undefined` for an app made by `appFrom`, which has no value in this process. */
  readonly fn: ((...args: unknown[]) => unknown) | undefined;
  /** Position at which the function takes a `TaskContext`, or -1. */
  readonly contextIndex: number;
  /**
   * Packs the function. Made once and kept. Rejects with `FunctionNotShippableError` when it cannot be shipped, which is
   * kept, too; after anything else, such as an error of the file system, it may be asked for again.
   */
  bundle(): Promise<CodeBundle>;
}

/** What the kernel needs in order to scale an executor's blocks. */
export interface BlockScaling {
  readonly provider: ExecutionProvider;
  /** Worker slots that one node gives; 1 where it is not known yet. */
  readonly workersPerNode: number;
  /** Decides whether the failures of blocks are fatal. Throws to say so. `undefined`: `simpleErrorHandler`. */
  readonly blockErrorHandler: BlockErrorHandler | undefined;
  /** Line of `sh` that starts a worker pool of block `blockId`. */
  blockCommand(blockId: string): string;
  /**
   * The secret of a block's request, if its command needs one. Only for a provider that carries secrets.
   *
   * @default none
   */
  readonly blockSecret?: string | undefined;
  /** What is connected, by block id. */
  activity(): ReadonlyMap<string, BlockActivity>;
  /**
   * Blocks that are there and of which no pool gets tasks any more. They count for nothing when blocks are needed. One
   * that is `draining` ends by itself; one that is `held` never would, and is given back.
   *
   * @default none
   */
  readonly closedBlocks?: ReadonlyMap<string, 'draining' | 'held'>;
  /**
   * Whether tasks wait for which no pool has time enough before its block ends, so that they need a new block.
   *
   * @default false
   */
  readonly needsFreshBlock?: boolean;
  /** Gives no further tasks to these blocks; resolves when nothing runs on them any more. */
  drainBlocks(blockIds: readonly string[]): Promise<void>;
  /**
   * Calls `listener` when a pool comes or goes, when a block becomes idle or closed, and when `needsFreshBlock` changes.
   * Returns the unsubscribe function.
   */
  onActivity(listener: () => void): () => void;
}

/** One block, as seen from its pools. */
export interface BlockActivity {
  readonly managers: number;
  readonly workers: number;
  /** Tasks held by the block's pools, running or waiting. */
  readonly tasks: number;
  /** Since when nothing has been held, as `performance.now()` tells time; `undefined` while busy. */
  readonly idleSince: number | undefined;
}

/** What became of a block. */
export interface BlockReport {
  readonly blockId: string;
  readonly jobId: string | undefined;
  /** `missing`: the job ended and no pool of it ever registered. `scaled-in`: ended by the kernel. */
  readonly outcome: JobStatus['state'] | 'missing' | 'scaled-in' | 'not-submitted';
  /** Whether a worker pool of it has ever registered. */
  readonly registered: boolean;
  readonly status: JobStatus | undefined;
  readonly error: Error | undefined;
}

/**
 * Throws when the reported blocks mean that the executor will never work. Called when a submission has failed, and when
 * blocks have ended; not while it is being found out why one of them did.
 */
export type BlockErrorHandler = (blocks: readonly BlockReport[], limits: ExecutionProvider['blocks']) => void;

/** Where a run's log lines go. `fields` come out as JSON beside the message. */
export interface Logger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
  child(fields: Record<string, unknown>): Logger;
}
