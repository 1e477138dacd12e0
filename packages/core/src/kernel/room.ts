/** How much may be outstanding at once; see `DataFlowKernel.room`. */
export interface RoomLimits {
  /** Tasks that have not ended. @default 10000 */
  readonly tasks?: number;
  /** Bytes of their arguments, as far as executors count them: large ones. @default 268435456 */
  readonly bytes?: number;
}

const DEFAULT_TASKS = 10_000;
const DEFAULT_BYTES = 256 * 1024 * 1024;

/** Something to wait for. */
interface Waiter {
  readonly tasks: number;
  readonly bytes: number;
  readonly resolve: () => void;
}

/** Lets producers wait until there is less to do. */
export class Room {
  readonly #tasks: () => number;
  readonly #bytes: () => number;
  #waiters: Waiter[] = [];

  /**
   * @param tasks how many tasks are outstanding
   * @param bytes how many bytes of arguments are
   */
  constructor(tasks: () => number, bytes: () => number) {
    this.#tasks = tasks;
    this.#bytes = bytes;
  }

  /** Resolves when less than this is outstanding; at once if it is so. */
  wait({ tasks = DEFAULT_TASKS, bytes = DEFAULT_BYTES }: RoomLimits): Promise<void> {
    return new Promise((resolve) => {
      const waiter = { tasks, bytes, resolve };
      if (this.#isThere(waiter)) {
        resolve();
      } else {
        this.#waiters.push(waiter);
      }
    });
  }

  /** A task has ended. */
  taskEnded(): void {
    if (this.#waiters.length === 0) {
      return;
    }
    const served = this.#waiters.filter((waiter) => this.#isThere(waiter));
    if (served.length > 0) {
      this.#waiters = this.#waiters.filter((waiter) => !served.includes(waiter));
      for (const { resolve } of served) {
        resolve();
      }
    }
  }

  #isThere({ tasks, bytes }: Waiter): boolean {
    return this.#tasks() < tasks && this.#bytes() < bytes;
  }
}
