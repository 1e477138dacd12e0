import { ParslError, type ProcessEnd } from '@parsl-ts/wire';

/**
 * The interchange could not start: a port is busy, an address is not one of this host, or its process ended. Nothing was
 * run.
 */
export class InterchangeStartError extends ParslError {
  /** Label of the executor. */
  readonly executor: string;
  /** The option of the executor at fault; `undefined` when it is not about one option. */
  readonly option: string | undefined;

  constructor(
    executor: string,
    message: string,
    details: { readonly option?: string; readonly cause?: unknown } = {},
  ) {
    const where = details.option === undefined ? '' : ` (option '${details.option}')`;
    super(
      'PARSL_INTERCHANGE_START',
      `executor '${executor}' cannot start its interchange${where}: ${message}`,
      'cause' in details ? { cause: details.cause } : {},
    );
    this.executor = executor;
    this.option = details.option;
  }
}

/**
 * The interchange process died. It is started again, and tasks go on; when that does not help, whether the tasks that it had
 * ran is not known: its worker pools end by themselves, and the executor takes no more tasks.
 */
export class InterchangeLost extends ParslError {
  /** Label of the executor. */
  readonly executor: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Those before it within a minute, oldest first. */
  readonly deaths: readonly InterchangeLost[];

  /**
   * @param details.how how it ended, if it is not the exit code or the signal that says so
   * @param details.verdict why it is not started again
   */
  constructor(
    executor: string,
    end: ProcessEnd,
    details: {
      readonly how?: string | undefined;
      readonly stderr: string;
      readonly logFile: string;
      readonly verdict?: string;
      readonly deaths?: readonly InterchangeLost[];
    },
  ) {
    const exit =
      end.signal === null ? `exited with code ${String(end.exitCode)}` : `was killed by ${end.signal}`;
    const said = details.stderr === '' ? '' : `; the end of what it wrote: ${details.stderr}`;
    const verdict = details.verdict === undefined ? '' : `. ${details.verdict}`;
    const deaths = details.deaths ?? [];
    super(
      'PARSL_INTERCHANGE_LOST',
      `the interchange of executor '${executor}' ${details.how ?? exit}${said}${verdict}. Its log is ${details.logFile}`,
      deaths.length === 0 ? {} : { cause: deaths.at(-1) },
    );
    this.executor = executor;
    this.exitCode = end.exitCode;
    this.signal = end.signal;
    this.deaths = deaths;
  }
}

/** The executor was closed, or has not been started: it cannot do this. */
export class ExecutorClosedError extends ParslError {
  /** Label of the executor. */
  readonly executor: string;

  constructor(executor: string, what: string) {
    super('PARSL_EXECUTOR_CLOSED', `executor '${executor}' ${what}`);
    this.executor = executor;
  }
}
