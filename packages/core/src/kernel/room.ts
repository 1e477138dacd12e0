import { checkOptions, type SchemaOf } from '@parsl-ts/provider';
import { count } from '../count-option.js';

/** Less than this is to be outstanding; see `DataFlowKernel.room`. */
export interface RoomLimits {
  /** Tasks that have not ended; `Infinity`: however many. @default 10000 */
  readonly tasks?: number;
  /** Bytes of their arguments, as far as executors count them; `Infinity`: however many. @default 268435456 */
  readonly bytes?: number;
}

const LIMITS = { tasks: count(10_000), bytes: count(256 * 1024 * 1024) } satisfies SchemaOf<RoomLimits>;

/** Checked once: most producers ask with these, before each call. */
const DEFAULTS = checkOptions('room()', undefined, LIMITS);

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
  #closed = false;

  /**
   * @param tasks how many tasks are outstanding
   * @param bytes how many bytes of arguments are
   */
  constructor(tasks: () => number, bytes: () => number) {
    this.#tasks = tasks;
    this.#bytes = bytes;
  }

  /**
   * Resolves when less than this is outstanding, at once if it is so. Nobody waits for a kernel that was closed.
   *
   * @throws ConfigurationError that names the limit
   */
  wait(limits?: RoomLimits): Promise<void> {
    return new Promise((resolve) => {
      const { tasks, bytes } = limits === undefined ? DEFAULTS : checkOptions('room()', limits, LIMITS);
      const waiter = { tasks, bytes, resolve };
      if (this.#closed || this.#isThere(waiter)) {
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

  /** Lets everybody go, now and from now on: there is nothing more to wait for. */
  close(): void {
    this.#closed = true;
    for (const { resolve } of this.#waiters) {
      resolve();
    }
    this.#waiters = [];
  }

  #isThere({ tasks, bytes }: Waiter): boolean {
    return this.#tasks() < tasks && this.#bytes() < bytes;
  }
}
