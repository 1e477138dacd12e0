import type { ExecutionProvider } from '@parsl-ts/provider';
import type { BlockActivity, BlockErrorHandler, BlockScaling, Executor } from '../executor.js';

/** As much of an executor as its blocks need. */
export class BlockExecutor implements Executor {
  readonly label: string;
  readonly capacity = 1;
  readonly scaling: BlockScaling;
  readonly pools = new Map<string, BlockActivity>();
  readonly drained: string[] = [];
  outstanding = 0;
  secret: string | undefined;
  #listener: () => void = () => undefined;

  constructor(provider: ExecutionProvider, label = 'cpu', blockErrorHandler?: BlockErrorHandler) {
    this.label = label;
    const secret = () => this.secret;
    this.scaling = {
      provider,
      workersPerNode: 1,
      blockErrorHandler,
      blockCommand: (blockId) => `/bin/pool --block ${blockId}`,
      get blockSecret() {
        return secret();
      },
      activity: () => this.pools,
      drainBlocks: (ids) => {
        this.drained.push(...ids);
        return Promise.resolve();
      },
      onActivity: (listener) => {
        this.#listener = listener;
        return () => {
          this.#listener = () => undefined;
        };
      },
    };
  }

  register(blockId: string, tasks = 0): void {
    const idleSince = tasks > 0 ? undefined : performance.now();
    this.pools.set(blockId, { managers: 1, workers: 1, tasks, idleSince });
    this.#listener();
  }

  start(): Promise<void> {
    return Promise.resolve();
  }
  submit(): void {
    throw new Error('not needed here');
  }
  cancel(): void {
    throw new Error('not needed here');
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
