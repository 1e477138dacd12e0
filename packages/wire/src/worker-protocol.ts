/**
 * What a manager and its worker processes say to each other, as the type byte of stream frames over inherited
 * socket pairs. Their end means that the other process is gone.
 */
export const ToWorker = {
  /** {@link WorkerSetup}, once, first. */
  setup: 1,
  /** {@link FunctionFile}: a function, before its first task. */
  code: 2,
  /** Lease (f64: until when tasks of this frame may be started, in ms of the host's monotonic clock), then task records. */
  tasks: 3,
  /** {@link AbortTask}: tell the running function to stop. */
  abort: 4,
} as const;

export const FromWorker = {
  /** It has started and waits for tasks. Empty. */
  ready: 1,
  /** Result records. A worker writes each before it starts its next task, so the manager knows which one runs. */
  results: 2,
  /** Lease (f64): tasks of this and of earlier leases that have no answer yet came too late and will not be started. */
  dropped: 3,
  /** It ends by itself, and nothing that it was given and has not answered was started. Empty. */
  leaving: 4,
} as const;

/** What a worker is told first. */
export interface WorkerSetup {
  /** `{manager}/{rank}`. */
  readonly worker: string;
  readonly host: string;
}

/** A function that the manager has put into a file. */
export interface FunctionFile {
  readonly index: number;
  /** `file:` URL of an ES module whose default export is the function. */
  readonly url: string;
  readonly name: string;
  readonly contextIndex: number;
}

/** Which submission is to stop, and why. */
export interface AbortTask {
  readonly submission: number;
  readonly reason: string;
  /** Whether its `timeoutMs` was exceeded. */
  readonly timeout: boolean;
}
