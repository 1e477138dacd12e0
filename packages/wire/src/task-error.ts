import { ParslError, type ParslErrorOptions } from './parsl-error.js';
import { printable } from './printable.js';

/** How a process ended. */
export interface ProcessEnd {
  /** Exit code, or `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** Name of the signal, or `null`. */
  readonly signal: string | null;
  /** What had run out of memory, as far as it can be told: the JavaScript heap of the process, or its host or job. */
  readonly outOfMemory?: 'heap' | 'host';
}

/** Where a worker is, or was. */
export interface WorkerPlace {
  readonly host: string;
  /** `{manager}/{rank}`. */
  readonly worker: string;
}

/**
 * The worker process died while it ran the task: `process.exit()`, a signal, out of memory. Whether the task had
 * effects is not known. Counts against the retries.
 */
export class WorkerLost extends ParslError {
  readonly host: string;
  readonly worker: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /**
   * Whether it died for lack of memory, as far as it can be told: `heap`, its JavaScript heap was full; `host`, its host or
   * job ran out of memory; `null`, neither.
   */
  readonly outOfMemory: 'heap' | 'host' | null;

  /** @param when when it ended, as part of a sentence */
  constructor(place: WorkerPlace, end: ProcessEnd, hint = '', when = 'while it ran this task') {
    const how =
      end.signal === null ? `exited with code ${String(end.exitCode)}` : `was killed by ${end.signal}`;
    super(
      'PARSL_WORKER_LOST',
      `worker ${place.worker} on ${place.host} ${how} ${when}${hint === '' ? '' : `: ${hint}`}`,
    );
    this.host = place.host;
    this.worker = place.worker;
    this.exitCode = end.exitCode;
    this.signal = end.signal;
    this.outOfMemory = end.outOfMemory ?? null;
  }
}

/** How the batch job of a worker pool had ended, as its scheduler tells it. */
export interface JobEnd {
  /** What the scheduler calls the job. */
  readonly jobId: string;
  /** `completed`, `failed`, `timeout` or `cancelled`. */
  readonly state: string;
  /** Exit code of the job, where it is known. */
  readonly exitCode?: number;
  /** Name of the signal that ended the job, where there was one. */
  readonly signal?: string;
  /** What the scheduler says about it in words. */
  readonly message?: string;
  /** A JavaScript heap of it was full, by what the job wrote. */
  readonly outOfMemory?: 'heap';
}

/** A worker pool that is gone. */
export interface LostManager {
  readonly id: string;
  readonly host: string;
  readonly blockId: string;
  /** Its log, on its host, if it has one. */
  readonly logFile?: string | undefined;
}

/**
 * The worker pool that held the task is gone: its host, its batch job or its connection ended. Whether the task ran is
 * not known. Counts against the retries.
 */
export class ManagerLost extends ParslError {
  readonly manager: string;
  readonly host: string;
  readonly blockId: string;
  /** By what it is known to be gone, as part of a sentence. */
  readonly reason: string;
  /** Its log, on its host; `null`: it has none, or it is not known where. */
  readonly logFile: string | null;
  /** How the job of its block had ended by then; `null`: it went on, there is none, or that is not known. */
  readonly job: JobEnd | null;

  /**
   * @param job how the job of its block had ended, if it had
   * @param options `cause`: what more is known of that
   */
  constructor(manager: LostManager, reason: string, job: JobEnd | null = null, options?: ParslErrorOptions) {
    // A path may have any characters, and this one is what a pool says of itself.
    const log = manager.logFile === undefined ? '' : `; its log there is ${printable(manager.logFile)}`;
    super(
      'PARSL_MANAGER_LOST',
      `worker pool ${manager.id} of block ${manager.blockId} on ${manager.host} was lost with this task: ` +
        `${reason}${job === null ? '' : `; ${describe(job)}`}${log}`,
      options,
    );
    this.manager = manager.id;
    this.host = manager.host;
    this.blockId = manager.blockId;
    this.reason = reason;
    this.logFile = manager.logFile ?? null;
    this.job = job;
  }
}

function describe({ jobId, state, exitCode, signal, message, outOfMemory }: JobEnd): string {
  const details = [
    signal === undefined ? undefined : `killed by ${signal}`,
    signal !== undefined || exitCode === undefined ? undefined : `exit code ${String(exitCode)}`,
    outOfMemory === undefined ? undefined : 'a JavaScript heap was full',
    message,
  ].filter((detail) => detail !== undefined);
  const how = details.length === 0 ? '' : ` (${details.join('; ')})`;
  return `the job of its block, ${jobId}, ended as ${state}${how}`;
}

/**
 * The function may run for longer than any block of its executor: there is no worker pool that has so much time left, and
 * none can be expected. It was not started.
 */
export class WalltimeTooShortError extends ParslError {
  /** The limit of the function, in ms. */
  readonly timeoutMs: number;
  /** The longest time that a worker pool has for a task, in ms. */
  readonly availableMs: number;

  constructor(timeoutMs: number, availableMs: number) {
    super(
      'PARSL_WALLTIME_TOO_SHORT',
      `the function may run for its timeoutMs of ${String(timeoutMs)}, and a block has time for ${String(Math.floor(availableMs))} at most; ` +
        `lower the timeoutMs, or raise the walltime of the provider`,
    );
    this.timeoutMs = timeoutMs;
    this.availableMs = availableMs;
  }
}

/** A file for a task's output that cannot be opened. Fails the task before its function is called. */
export class OutputFileError extends ParslError {
  /** The file, as the call named it. */
  readonly path: string;

  constructor(stream: 'stdout' | 'stderr', path: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      'PARSL_OUTPUT_FILE',
      `the file for ${stream} cannot be written: ${why}; give a path that can be written where the task runs`,
      { cause },
    );
    this.path = path;
  }
}

/** The function ran longer than its `timeoutMs`. Nothing of it runs any more. */
export class AppTimeoutError extends ParslError {
  /** The limit, in ms. */
  readonly timeoutMs: number;

  constructor(timeoutMs: number, how = 'it was stopped') {
    super('PARSL_APP_TIMEOUT', `the function ran longer than its timeoutMs of ${String(timeoutMs)}; ${how}`);
    this.timeoutMs = timeoutMs;
  }
}

/** A function threw something that is not an error. */
export class ThrownValueError extends ParslError {
  /** What it threw, as far as it could travel. */
  readonly value: unknown;

  constructor(value: unknown, shown: string) {
    super('PARSL_THROWN_VALUE', `the function threw a value that is not an error: ${shown}`);
    this.value = value;
  }
}
