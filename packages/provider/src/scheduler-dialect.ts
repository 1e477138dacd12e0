import type { BlockRequest, CancelOutcome, JobId, JobStatus } from './contract.js';
import type { CommandResult } from './run-command.js';
import type { SchedulerError } from './scheduler-errors.js';

/** Where a job's script is, and where its output is to go. Absolute paths. */
export interface JobFiles {
  readonly scriptPath: string;
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

/** What an answer to a {@link SchedulerQuestion} says. */
export interface SchedulerAnswer<T> {
  /** What it tells of jobs. One that it does not mention stays as it was. */
  readonly jobs: ReadonlyMap<JobId, T>;
  /**
   * In an answer about states: jobs that the scheduler does not know, or not yet, with what they are taken for if that
   * stays so. `completed` would be a guess.
   */
  readonly missing?: ReadonlyMap<JobId, JobStatus>;
  /** What else must be asked: another command for jobs that this one does not show, or cannot be trusted with. */
  readonly next?: readonly SchedulerQuestion<T>[];
}

/** A command that asks something about jobs, and how its answer reads. */
export interface SchedulerQuestion<T> {
  readonly argv: readonly string[];
  /**
   * Reads the answer; one with an exit code other than 0 may tell of some jobs all the same. Throws when it is none: the
   * scheduler is down, or the output makes no sense.
   */
  read(result: CommandResult): SchedulerAnswer<T>;
  /**
   * What is asked instead when the command could not be started, or was killed because it took too long. Where this is
   * left out, nothing is told then.
   */
  instead?(failure: SchedulerError): readonly SchedulerQuestion<T>[];
}

/**
 * How one command-line scheduler is spoken to: text in, text out, so that it can be tested on recorded output. It runs
 * nothing and waits for nothing; a `CommandLineProvider` does the rest. It may remember what answers told of the scheduler
 * itself, such as which of two commands works here.
 */
export interface SchedulerDialect {
  /**
   * The text of the script that runs a block. The request's `name` is what the scheduler is to call the job: no other job
   * has it, in this run or any other.
   */
  script(request: BlockRequest, files: JobFiles): string;
  /** The command that submits a script. */
  submit(request: BlockRequest, files: JobFiles): readonly string[];
  /** The job's id, from the output of a submit command that ended with 0. `undefined`: there is none in it. */
  readJobId(stdout: string): JobId | undefined;
  /**
   * Whether a submit command that failed may have submitted the job all the same, because the scheduler's answer did not
   * come through. Never, where this is left out.
   */
  mayHaveSubmitted?(result: CommandResult): boolean;
  /**
   * Whether a submit command failed because the scheduler could not be reached or serves nobody right now, rather than
   * because it refused the job. A run bears the one for longer. Never, where this is left out.
   */
  isUnavailable?(result: CommandResult): boolean;
  /**
   * Whether a variable of the environment is kept from the scheduler's commands, and so from the jobs that they submit:
   * it would change what they do or print. None is, where this is left out.
   */
  ignores?(variable: string, environment: NodeJS.ProcessEnv): boolean;
  /**
   * Asks which jobs have these names, whatever their states: their ids, each with the name. With it, a job whose submit
   * command took too long is taken up after all, or cancelled, and never submitted twice. At least one name.
   */
  find?(names: readonly string[]): SchedulerQuestion<string>;
  /** Asks for the states of jobs. At least one id. */
  status(ids: readonly JobId[]): SchedulerQuestion<JobStatus>;
  /**
   * How a job that is missing from an answer ended, by the end of its standard error or, if that says nothing, of its
   * standard output. `undefined`: it does not say, or not yet.
   */
  readEnd?(output: string): JobStatus | undefined;
  /**
   * Cancels jobs. At least one id. The command for a job is also run after this process was killed, if no argument of it has a
   * line break.
   */
  cancel(ids: readonly JobId[]): SchedulerQuestion<CancelOutcome>;
}
