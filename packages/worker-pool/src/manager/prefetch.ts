import { type RuntimeEstimate } from './runtime-estimate.js';

/** Work that should lie ready for each worker, in µs: many round trips to the interchange, so that none is waited for. */
const READY_US = 20_000;
const MAX_PER_WORKER = 256;
/** What a task costs beside its function, in µs; keeps the depth finite for functions that take no time. */
const OVERHEAD_US = 10;

/**
 * How many tasks the pool wants to hold.
 *
 * @param fixed Tasks beyond one per worker if the user chose, else `undefined`.
 */
export function wantedCapacity(workers: number, fixed: number | undefined, recent: RuntimeEstimate): number {
  if (fixed !== undefined) return workers + fixed;
  const mean = recent.meanUs;
  if (mean === undefined) return workers;
  return workers * (1 + Math.min(MAX_PER_WORKER, Math.floor(READY_US / (mean + OVERHEAD_US))));
}

/** Whether the difference is worth a message. */
export function isWorthTelling(told: number, wanted: number): boolean {
  return told !== wanted && Math.abs(told - wanted) * 4 >= Math.max(told, wanted);
}
