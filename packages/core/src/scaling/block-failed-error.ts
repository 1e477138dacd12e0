import type { JobStatus } from '@parsl-ts/provider';
import { ParslError } from '@parsl-ts/wire';

/** What is known of a block that failed. */
export interface FailedBlock {
  readonly blockId: string;
  readonly jobId: string;
  readonly status: JobStatus;
  /** Whether any worker pool of it ever registered. */
  readonly registered: boolean;
  /** The end of the job's standard output. */
  readonly stdout: string;
  /** The end of the job's standard error. */
  readonly stderr: string;
}

/**
 * The job of a block failed, or ended before any of its worker pools had registered. What it wrote says why, more often
 * than not. Tasks that ran on it are tried again elsewhere as far as their retries go.
 */
export class BlockFailedError extends ParslError {
  readonly blockId: string;
  readonly jobId: string;
  /** What the scheduler said last. */
  readonly status: JobStatus;
  /** Whether any worker pool of the block ever registered. */
  readonly registered: boolean;
  /** The end of the job's standard output. */
  readonly stdout: string;
  /** The end of the job's standard error. */
  readonly stderr: string;

  constructor(block: FailedBlock) {
    super('PARSL_BLOCK_FAILED', describe(block));
    this.blockId = block.blockId;
    this.jobId = block.jobId;
    this.status = block.status;
    this.registered = block.registered;
    this.stdout = block.stdout;
    this.stderr = block.stderr;
  }
}

function describe({ blockId, jobId, status, registered, stdout, stderr }: FailedBlock): string {
  const details = [
    status.exitCode === undefined ? undefined : `exit code ${String(status.exitCode)}`,
    status.signal === undefined ? undefined : `signal ${status.signal}`,
    status.message,
  ].filter((detail) => detail !== undefined);
  const how = details.length === 0 ? '' : ` (${[...new Set(details)].join('; ')})`;
  const pools = registered ? '' : ' before any of its worker pools had registered';
  const stdoutPart = output('stdout', stdout, status.stdoutPath);
  const stderrPart = output('stderr', stderr, status.stderrPath);
  return `block ${blockId}: job ${jobId} ended as ${status.state}${pools}${how}${stdoutPart}${stderrPart}`;
}

function output(name: string, text: string, path: string | undefined): string {
  const where = path === undefined ? '' : ` (${path})`;
  const trimmed = text.trimEnd();
  return trimmed === ''
    ? `\n  ${name}${where} is empty, or not there`
    : `\n  ${name}${where}:\n${trimmed.replaceAll(/^/gm, '    ')}`;
}
