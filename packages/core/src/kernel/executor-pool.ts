import { ConfigurationError } from '@parsl-ts/provider';
import { ExecutorFailedError } from '../errors.js';
import type { BlockReport, BlockScaling, Executor, ExecutorContext } from '../executor.js';
import { BlockScaler, type ScalingStrategy } from '../scaling/index.js';

/** An executor in its kernel. */
export interface ExecutorEntry {
  readonly executor: Executor;
  scaler: BlockScaler | undefined;
  /** Why it takes no tasks any more. */
  failure: ExecutorFailedError | undefined;
  /** Resolves when it is closed, once that has begun. */
  closing: Promise<void> | undefined;
}

/** What the executors of a kernel are started with. */
export interface PoolContext extends Omit<ExecutorContext, 'fatal' | 'blockEnd'> {
  readonly strategy: ScalingStrategy;
  readonly strategyPeriodMs: number;
  readonly maxIdleTimeMs: number;
  /** Called when an executor can never work again. */
  failed(label: string, error: ExecutorFailedError): void;
}

/** The executors of a kernel: their life, and which of them takes a task. */
export class ExecutorPool {
  readonly #entries: readonly ExecutorEntry[];
  readonly #byLabel: ReadonlyMap<string, ExecutorEntry>;
  #closed = false;

  constructor(executors: readonly Executor[]) {
    this.#entries = executors.map((executor) => ({
      ...{ executor, scaler: undefined, failure: undefined, closing: undefined },
    }));
    this.#byLabel = new Map(this.#entries.map((entry) => [entry.executor.label, entry]));
  }

  /** Labels of all executors. */
  get labels(): readonly string[] {
    return [...this.#byLabel.keys()];
  }

  /** Bytes of arguments of tasks that have not ended, as far as executors count them. One that has failed has none. */
  get outstandingBytes(): number {
    return this.#entries.reduce(
      (sum, { executor, failure }) => sum + (failure === undefined ? (executor.outstandingBytes ?? 0) : 0),
      0,
    );
  }

  /** Starts all executors at once, and the first blocks of each as soon as it stands. */
  async start(context: PoolContext): Promise<void> {
    await Promise.all(this.#entries.map((entry) => this.#startEntry(entry, context)));
  }

  /** Closes whatever was started, one not waiting for another. Returns what could not be closed. */
  async close(): Promise<readonly unknown[]> {
    this.#closed = true;
    const closing = this.#entries.flatMap((entry) => [
      entry.scaler?.close() ?? Promise.resolve(),
      closeExecutor(entry),
    ]);
    const ends = await Promise.allSettled(closing);
    return ends.flatMap((end): unknown[] => (end.status === 'rejected' ? [end.reason] : []));
  }

  /** Ends whatever was started before it returns. One that throws does not keep the others from it. */
  closeNow(): void {
    this.#closed = true;
    for (const { executor, scaler } of this.#entries) {
      for (const end of [() => scaler?.closeNow(), () => executor.closeNow?.()]) {
        try {
          end();
        } catch {
          // The process is about to exit: there is nobody left to tell.
        }
      }
    }
  }

  /**
   * The blocks of the executor with this label; empty when it has none.
   *
   * @throws ConfigurationError when the label is unknown
   */
  blocks(label: string): readonly BlockReport[] {
    return this.#labelled(label).scaler?.report() ?? [];
  }

  /**
   * The least loaded executor that works, out of those named.
   *
   * @throws ConfigurationError when a label is unknown, ExecutorFailedError when none of them works
   */
  choose(labels: readonly string[] | undefined): ExecutorEntry {
    const candidates = labels === undefined ? this.#entries : labels.map((label) => this.#labelled(label));
    const [first] = candidates;
    if (candidates.length === 1 && first?.failure === undefined && first !== undefined) {
      return first;
    }
    let best: ExecutorEntry | undefined;
    let bestLoad = Infinity;
    for (const entry of candidates) {
      const load = entry.executor.outstanding / entry.executor.capacity;
      if (entry.failure === undefined && (best === undefined || load < bestLoad)) {
        best = entry;
        bestLoad = load;
      }
    }
    if (best === undefined) {
      throw (
        first?.failure ??
        new ConfigurationError("option 'executors' of the call names no executor", { option: 'executors' })
      );
    }
    return best;
  }

  async #startEntry(entry: ExecutorEntry, context: PoolContext): Promise<void> {
    const { executor } = entry;
    const logger = context.logger.child({ executor: executor.label });
    const fatal = (error: Error): void => {
      if (entry.failure === undefined) {
        entry.failure = new ExecutorFailedError(executor.label, error);
        logger.error({ error }, 'executor has failed');
        // Its blocks are of no use any more. Never rejects; whoever closes the pool waits for it.
        void entry.scaler?.close();
        // It may know better how its tasks have ended, and say so first.
        void Promise.resolve(entry.failure).then((failure) => {
          context.failed(executor.label, failure);
          // After its tasks have failed with what is wrong. What it still has of them would keep the process alive.
          return closeExecutor(entry).catch((reason: unknown) => {
            logger.error({ error: reason }, 'the executor that has failed cannot be closed');
          });
        });
      }
    };
    const { runDir, runId } = context;
    const blockEnd = async (blockId: string) => entry.scaler?.blockEnd(blockId);
    await executor.start({ runDir, runId, logger, fatal, blockEnd });
    logger.info({}, 'executor started');
    // A signal may have closed everything meanwhile.
    if (hasBlocks(executor) && !this.#closed) {
      entry.scaler = new BlockScaler({ ...context, executor, logger, fatal });
      entry.scaler.start();
    }
  }

  #labelled(label: string): ExecutorEntry {
    const entry = this.#byLabel.get(label);
    if (entry === undefined) {
      const known = this.labels.map((each) => `'${each}'`).join(', ');
      throw new ConfigurationError(`there is no executor '${label}'; the kernel has ${known}`, {
        option: 'executors',
      });
    }
    return entry;
  }
}

/** Closes an executor, once. */
function closeExecutor(entry: ExecutorEntry): Promise<void> {
  // Not called directly: an executor may throw instead of rejecting.
  entry.closing ??= Promise.resolve().then(() => entry.executor.close());
  return entry.closing;
}

function hasBlocks(executor: Executor): executor is Executor & { readonly scaling: BlockScaling } {
  return executor.scaling !== undefined;
}
