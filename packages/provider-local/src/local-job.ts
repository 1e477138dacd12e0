import type { ChildProcess } from 'node:child_process';
import { ProcessGroup, scriptEnd, type CancelOutcome, type JobStatus } from '@parsl-ts/provider';

/** Node.js waits no longer than this, in ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Where a job's output goes. */
export interface JobOutput {
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

/** One block: a bash script that leads a process group, from its start to the end of everything in the group. */
export class LocalJob {
  readonly group: ProcessGroup;
  readonly #graceMs: number;
  readonly #output: JobOutput;
  #status: JobStatus;
  #cancelled: Promise<CancelOutcome> | undefined;
  #walltimeTimer: NodeJS.Timeout | undefined;
  #timedOut = false;

  /**
   * @param child a process just started with `detached: true`
   * @param limits `graceMs`: between SIGTERM and SIGKILL; `walltimeMs`: how long it may run
   */
  constructor(
    child: ChildProcess,
    output: JobOutput,
    limits: { readonly graceMs: number; readonly walltimeMs: number | undefined },
  ) {
    this.group = new ProcessGroup(child);
    this.#graceMs = limits.graceMs;
    this.#output = output;
    this.#status = { state: 'running', ...output };
    // The block must not keep the submit process from ending.
    child.unref();
    if (limits.walltimeMs !== undefined) this.#endAfter(limits.walltimeMs);
    child.once('exit', (exitCode, signal) => {
      clearTimeout(this.#walltimeTimer);
      this.#ended(exitCode, signal);
    });
  }

  get status(): JobStatus {
    return this.#status;
  }

  /** Ends the block. Resolves when nothing of it runs any more. */
  cancel(): Promise<CancelOutcome> {
    if (this.#status.state !== 'running') {
      return Promise.resolve('gone');
    }
    this.#cancelled ??= this.group
      .end(this.#graceMs)
      .then(() => (this.group.isRunning() ? 'failed' : 'cancelled'));
    return this.#cancelled;
  }

  /** Marks the block as ended on request, for a caller that ends its group by itself. */
  markCancelled(): void {
    this.#cancelled ??= Promise.resolve('cancelled');
  }

  #endAfter(ms: number): void {
    const step = Math.min(ms, LONGEST_TIMER_MS);
    this.#walltimeTimer = setTimeout(() => {
      if (ms > step) {
        this.#endAfter(ms - step);
        return;
      }
      this.#timedOut = true;
      void this.group.end(this.#graceMs);
    }, step).unref();
  }

  #ended(exitCode: number | null, signal: NodeJS.Signals | null): void {
    const onRequest = this.#cancelled !== undefined;
    const end: JobStatus = exitCode === null ? { state: 'failed' } : scriptEnd(exitCode);
    this.#status = {
      ...end,
      state: onRequest ? 'cancelled' : this.#timedOut ? 'timeout' : end.state,
      ...(signal === null ? {} : { signal }),
      ...this.#output,
    };
    if (!onRequest) {
      // A batch scheduler leaves nothing of a job behind when its script ends, and neither does this.
      void this.group.end(this.#graceMs);
    }
  }
}
