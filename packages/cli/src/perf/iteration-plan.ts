import { InvalidArgumentError } from 'commander';

/**
 * How many tasks the iterations of a measurement have. `estimate`: ten, then as many as are estimated to fill the time,
 * until one nearly does. `exponential`: ten, twenty, forty and so on, until one takes longer than the time. Numbers:
 * those, whatever the time.
 */
export type IterationPlan = 'estimate' | 'exponential' | readonly number[];

/** An iteration that has been run. */
export interface PastIteration {
  readonly tasks: number;
  /** From the first call to the last result, in ms. */
  readonly runMs: number;
}

const FIRST_TASKS = 10;

/** An estimate is good enough when its iteration fills so much of the time. */
const FILLED = 0.75;

/** A clock that shows no time between two events has shown less than this, in ms. */
const SHORTEST_MS = 0.001;

/**
 * How many tasks the next iteration has; `undefined` when the measurement is over.
 *
 * @param timeMs how long an iteration is meant to take, in ms
 */
export function nextTasks(
  plan: IterationPlan,
  timeMs: number,
  past: readonly PastIteration[],
): number | undefined {
  if (typeof plan !== 'string') return plan[past.length];
  const last = past.at(-1);
  if (last === undefined) return FIRST_TASKS;
  if (plan === 'exponential') return last.runMs > timeMs ? undefined : last.tasks * 2;
  if (last.runMs >= FILLED * timeMs) return undefined;
  return Math.ceil((last.tasks * timeMs) / Math.max(last.runMs, SHORTEST_MS));
}

/** Reads the value of `--iterate`. */
export function iterationPlan(text: string): IterationPlan {
  if (text === 'estimate' || text === 'exponential') return text;
  const counts = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (counts.every((count) => Number.isSafeInteger(count) && count >= 1)) return counts;
  throw new InvalidArgumentError(
    'It has to be estimate, exponential, or numbers of tasks, such as 10,1000,100000.',
  );
}
