/** What an iteration took. */
export interface IterationTimes {
  /** Spent in the calls themselves, in ms. */
  readonly submitMs: number;
  /** From the first call to the last result, in ms. */
  readonly runMs: number;
}

/** The window of outstanding tasks moves on by this share of it. */
const STEPS = 8;

/** Tasks in flight that keep any site busy, and still fit into memory. */
const MOST_OUTSTANDING = 100_000;

/** Bytes of arguments and results in flight that saturate any network, and still fit into memory. */
const MOST_OUTSTANDING_BYTES = 256_000_000;

/**
 * How many tasks may be outstanding at a time.
 *
 * @param bytes of argument and result of each
 */
export function outstandingLimit(bytes: number): number {
  const fitting = bytes === 0 ? MOST_OUTSTANDING : Math.floor(MOST_OUTSTANDING_BYTES / bytes);
  return Math.max(1, Math.min(MOST_OUTSTANDING, fitting));
}

/**
 * Calls an app `tasks` times and waits for all results. Calls are made as fast as they go while no more than `limit` of
 * them are outstanding, so that memory does not grow with the number of tasks.
 *
 * @throws what the first task throws that fails
 */
export async function runIteration(
  call: () => PromiseLike<unknown>,
  tasks: number,
  limit: number,
): Promise<IterationTimes> {
  const steps = Math.min(STEPS, limit);
  const perStep = Math.floor(limit / steps);
  const outstanding: Promise<unknown>[] = [];
  let submitMs = 0;
  const begin = performance.now();
  for (let left = tasks; left > 0; left -= perStep) {
    if (outstanding.length === steps) await outstanding.shift();
    const start = performance.now();
    const futures = Array.from({ length: Math.min(left, perStep) }, call);
    submitMs += performance.now() - start;
    const step = Promise.all(futures);
    // It may fail before anybody awaits it; whoever does hears of it.
    step.catch(() => undefined);
    outstanding.push(step);
  }
  await Promise.all(outstanding);
  return { submitMs, runMs: performance.now() - begin };
}
