/** Data of a {@link SchedulerError} and of a {@link SubmitError}. */
export interface SchedulerErrorOptions {
  /** The command that was run, as argv. */
  readonly command?: readonly string[] | undefined;
  /** Its exit code; `undefined` when it did not end by itself. */
  readonly exitCode?: number | undefined;
  /** What it wrote to standard output; the end of it is kept. */
  readonly stdout?: string | undefined;
  /** What it wrote to standard error; the end of it is kept. */
  readonly stderr?: string | undefined;
  /** Whether the command was started and had to be stopped, so that it may have done its work all the same. */
  readonly cutShort?: boolean;
  /**
   * Whether the scheduler did not answer, as when it is being started again, rather than refuse.
   *
   * @default cutShort
   */
  readonly unavailable?: boolean;
  /** What led to it. */
  readonly cause?: unknown;
}

/** Characters of a command's output that an error keeps. */
const TAIL_LENGTH = 2000;

/**
 * A scheduler could not be asked: its command is missing, failed, took too long or answered nonsense. Nothing is known
 * to have changed; it may be asked again.
 */
export class SchedulerError extends Error {
  /** Stable identifier: `PARSL_SCHEDULER`, in a {@link SubmitError} `PARSL_SUBMIT`. */
  readonly code: string = 'PARSL_SCHEDULER';
  /** The command that was run, as argv. */
  readonly command: readonly string[] | undefined;
  /** Its exit code; `undefined` when it did not end by itself. */
  readonly exitCode: number | undefined;
  /** The end of what it wrote to standard output. */
  readonly stdout: string;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
  /** Whether the command was started and had to be stopped, so that it may have done its work all the same. */
  readonly cutShort: boolean;
  /** Whether the scheduler did not answer, as when it is being started again, rather than refuse. */
  readonly unavailable: boolean;

  constructor(message: string, options: SchedulerErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
    this.command = options.command;
    this.exitCode = options.exitCode;
    this.stdout = tail(options.stdout);
    this.stderr = tail(options.stderr);
    this.cutShort = options.cutShort ?? false;
    this.unavailable = options.unavailable ?? this.cutShort;
  }
}

/**
 * A scheduler did not take a block, or does not tell whether it did. The executor tries again later; a job that turns out
 * to exist after all is cancelled by its provider then.
 */
export class SubmitError extends SchedulerError {
  override readonly code = 'PARSL_SUBMIT';
  /** Name of the job that was to be submitted. */
  readonly jobName: string;

  constructor(jobName: string, message: string, options: SchedulerErrorOptions = {}) {
    super(`job '${jobName}' was not submitted: ${message}`, options);
    this.jobName = jobName;
  }
}

function tail(text = ''): string {
  return text.length <= TAIL_LENGTH ? text : `…${text.slice(-TAIL_LENGTH)}`;
}
