import type { EndedBlock } from '@parsl-ts/core';
import { outputTail } from '@parsl-ts/provider';
import { ManagerLost, type JobEnd } from '@parsl-ts/wire';

/** What V8 writes when it gives up for lack of memory. */
const HEAP_FULL = /heap out of memory|Reached heap limit/;
/** How it ends then. */
const ABORTS: ReadonlySet<string | undefined> = new Set(['SIGABRT', 'SIGTRAP']);
/** What it writes after that may be so long: native stacks. */
const LAST_WORDS_BYTES = 16 * 1024;

/** What {@link LostTasks} works with. */
export interface LostTasksOptions {
  /** How the job of a block has ended; see `ExecutorContext.blockEnd`. */
  blockEnd(blockId: string): Promise<EndedBlock | undefined>;
  /** Settles a task that was lost. */
  settle(submission: number, error: ManagerLost): void;
}

/**
 * Tasks that were lost with their worker pool. Each waits, for two seconds at most, until it is known how the job of its
 * block has ended, if it has, so that its error tells that.
 */
export class LostTasks {
  private readonly options: LostTasksOptions;
  private readonly held = new Set<number>();
  private readonly byBlock = new Map<string, [submission: number, error: ManagerLost][]>();

  constructor(options: LostTasksOptions) {
    this.options = options;
  }

  /** Whether the task waits to be settled: nobody has it, and nobody is to get it. */
  has(submission: number): boolean {
    return this.held.has(submission);
  }

  add(submission: number, error: ManagerLost): void {
    if (this.held.has(submission)) return;
    this.held.add(submission);
    const waiting = this.byBlock.get(error.blockId);
    if (waiting !== undefined) return void waiting.push([submission, error]);
    this.byBlock.set(error.blockId, [[submission, error]]);
    void this.release(error.blockId);
  }

  private async release(blockId: string): Promise<void> {
    const block = await this.options.blockEnd(blockId);
    const end = block && (await jobEnd(block));
    const tasks = this.byBlock.get(blockId) ?? [];
    this.byBlock.delete(blockId);
    for (const [submission, error] of tasks) {
      this.held.delete(submission);
      this.options.settle(submission, end === undefined ? error : explained(error, end, block?.error));
    }
  }
}

async function jobEnd({ jobId, status }: EndedBlock): Promise<JobEnd> {
  const { state, exitCode, signal, message, stderrPath } = status;
  const isFull =
    ABORTS.has(signal) && HEAP_FULL.test(await outputTail(stderrPath, undefined, LAST_WORDS_BYTES));
  return {
    ...{ jobId, state },
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(message === undefined ? {} : { message }),
    ...(isFull ? { outOfMemory: 'heap' } : {}),
  };
}

/** The same error, with how the job of its block has ended. */
function explained(lost: ManagerLost, end: JobEnd, cause: Error | undefined): ManagerLost {
  const { manager: id, host, blockId, logFile, reason } = lost;
  const manager = { id, host, blockId, logFile: logFile ?? undefined };
  return new ManagerLost(manager, reason, end, cause === undefined ? {} : { cause });
}
