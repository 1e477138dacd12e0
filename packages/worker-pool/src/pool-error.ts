import { ParslError } from '@parsl-ts/wire';

/** Exit codes of `parsl-worker-pool`, by the reason for which it ended. */
export const PoolExit = {
  /** Told to end by the interchange, or drained. */
  done: 0,
  /** The interchange refused it, or something unforeseen went wrong. */
  failed: 1,
  /** Options that make no sense. */
  usage: 2,
  /** No interchange answered. */
  unreachable: 3,
  /** Keys are missing, wrong, or not wanted. */
  keys: 4,
  /** No worker process could be started. */
  noWorkers: 5,
  /** The interchange was there and is gone. */
  interchangeLost: 6,
  /** It is not on this host, or Node.js is too old here: told by what starts it. */
  notHere: 7,
} as const;

export type PoolExit = (typeof PoolExit)[keyof typeof PoolExit];

/** Why a worker pool cannot start or go on. */
export class WorkerPoolError extends ParslError {
  /** What `parsl-worker-pool` exits with. */
  readonly exitCode: PoolExit;

  constructor(code: string, message: string, exitCode: PoolExit, options: { readonly cause?: unknown } = {}) {
    super(code, message, options);
    this.exitCode = exitCode;
  }
}
