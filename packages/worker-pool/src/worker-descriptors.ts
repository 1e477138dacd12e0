/** File descriptors of a worker process, beside the standard ones. */
export const WORKER_FD = {
  /** Stream frames from the manager. Its end means that the manager is gone. */
  orders: 3,
  /**
   * Stream frames to the manager. A pair of sockets of its own: a write to a worker that has just died would otherwise
   * destroy what it had said before.
   */
  answers: 4,
  /** The file of its journal. */
  journal: 5,
} as const;
