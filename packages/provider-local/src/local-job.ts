import type { ChildProcess } from 'node:child_process';
import { ProcessGroup, type CancelOutcome, type JobStatus } from '@parsl-ts/provider';

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

  /** @param child a process just started with `detached: true` */
  constructor(child: ChildProcess, output: JobOutput, graceMs: number) {
    this.group = new ProcessGroup(child);
    this.#graceMs = graceMs;
    this.#output = output;
    this.#status = { state: 'running', ...output };
    // The block must not keep the submit process from ending.
    child.unref();
    child.once('exit', (exitCode, signal) => {
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

  #ended(exitCode: number | null, signal: NodeJS.Signals | null): void {
    const onRequest = this.#cancelled !== undefined;
    this.#status = {
      state: onRequest ? 'cancelled' : exitCode === 0 ? 'completed' : 'failed',
      ...(exitCode === null ? {} : { exitCode }),
      ...(signal === null ? {} : { signal }),
      ...this.#output,
    };
    if (!onRequest) {
      // A batch scheduler leaves nothing of a job behind when its script ends, and neither does this.
      void this.group.end(this.#graceMs);
    }
  }
}
