import type { ExecutionProvider, JobId } from '../contract.js';

/**
 * What a back end may be unable to do for good reason.
 *
 * - `environment`: hand the environment of `submit` on to the job
 * - `exitCode`: tell a job's exit code
 * - `output`: write standard output and error to files that the submit host can read
 * - `oddDirectories`: use a script directory with spaces, quotes, `$` or other letters than ASCII in its name
 * - `copies`: run several copies of the command
 * - `concurrency`: run a second job while the first one runs
 * - `secrets`: keep the secret of a request from other users
 */
export type Ability =
  'environment' | 'exitCode' | 'output' | 'oddDirectories' | 'copies' | 'concurrency' | 'secrets';

/** What a case needs of the provider that it is to try. */
export interface ProviderWishes {
  readonly nodesPerBlock: number;
  /** How long each command of the scheduler may take, in ms, where it has commands. */
  readonly commandTimeoutMs?: number;
}

/** Takes back what was done to a scheduler. Resolves when it works again. */
export type Undo = () => Promise<void>;

/** A provider to try, and what may be expected of it. */
export interface ConformanceSubject {
  /**
   * Makes a new provider. It must start `tasksPerNode` copies of the command on each of its nodes. Give it a short
   * `pollIntervalMs`: the cases ask no more often than this.
   */
  create(wishes: ProviderWishes): ExecutionProvider;
  /**
   * Where the cases make their directories: seen by the submit host and by the nodes under the same path.
   *
   * @default the system's directory for temporary files
   */
  readonly directory?: string;
  /**
   * How long a short job may take from its submission to its end as told by `status`, in ms.
   *
   * @default 30000
   */
  readonly timeoutMs?: number;
  /**
   * Whether processes of a job may outlive its end as told by the scheduler, which is still ending them. The cases wait
   * for them then, for `timeoutMs` at most, rather than find them gone at once.
   *
   * @default false
   */
  readonly lingers?: boolean;
  /**
   * Jobs that are submitted at once.
   *
   * @default 50
   */
  readonly jobsAtOnce?: number;
  /**
   * A job id of the right form of which the scheduler has never heard.
   *
   * @default '999999999'
   */
  readonly unknownId?: string;
  /** What it cannot do, each with the reason, which is shown with the cases that are left out. */
  readonly cannot?: Readonly<Partial<Record<Ability, string>>>;
  /**
   * Makes jobs of `provider` wait in the queue from now on; what it returns lets them run. Without it, the cases about
   * waiting jobs are left out.
   */
  occupy?(provider: ExecutionProvider): Promise<Undo>;
  /**
   * Providers that ask for something that the scheduler does not have, by what that is: `a queue that does not exist`,
   * `an account that does not exist`, `more nodes than there are`.
   *
   * @default none
   */
  readonly unsatisfiable?: Readonly<Record<string, () => ExecutionProvider>>;
  /**
   * Has a running job end as its walltime would end it. Without it, the case about walltimes is left out, since most
   * schedulers count them in minutes.
   */
  expire?(id: JobId): Promise<void>;
  /** Has the node of a running job die. Without it, the case about dying nodes is left out. */
  killNode?(id: JobId): Promise<Undo>;
  /** Stops the scheduler, while jobs go on. Without it, the case about that is left out. */
  stopScheduler?(): Promise<Undo>;
  /** Freezes the scheduler, so that its commands wait. Without it, the case about that is left out. */
  freezeScheduler?(): Promise<Undo>;
}

/** What a subject can do to its scheduler, so that cases can try it. */
export type Hook = 'occupy' | 'expire' | 'killNode' | 'stopScheduler' | 'freezeScheduler';
