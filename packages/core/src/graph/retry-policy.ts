import { RepeatedWorkerLossError, RetryCostError } from '../errors.js';
import type { Task, TaskView } from './task.js';

/**
 * Says what a failure costs. A task is tried again while the sum of its costs is at most its `retries`: 0 tries again for
 * nothing, `Infinity` gives up. When it throws, the task fails with what it threw. Called in the submit process; keep it
 * short.
 */
export type RetryHandler = (error: unknown, task: TaskView) => number;

/** How often tasks are tried again. */
export interface RetryPolicy {
  readonly retries: number;
  readonly retryHandler: RetryHandler | undefined;
  readonly maxWorkerKills: number;
}

/** What follows a failed try. */
export type RetryDecision = { readonly retry: true } | { readonly retry: false; readonly error: unknown };

const AGAIN: RetryDecision = { retry: true };

/** Decides on a task whose try has just failed with `error`, and counts the failure. */
export function decideRetry(task: Task, error: unknown, policy: RetryPolicy): RetryDecision {
  task.addFailure(error);
  const deaths = isWorkerLoss(error) ? task.failures.filter(isWorkerLoss) : [];
  // A single death under `retries: 0` reads best as itself.
  if (deaths.length >= policy.maxWorkerKills && deaths.length > 1) {
    return { retry: false, error: new RepeatedWorkerLossError(task, deaths) };
  }
  let cost: unknown = 1;
  if (policy.retryHandler !== undefined) {
    try {
      cost = policy.retryHandler(error, task);
    } catch (thrown) {
      return { retry: false, error: thrown };
    }
    if (typeof cost !== 'number' || !(cost >= 0)) {
      return { retry: false, error: new RetryCostError(task, cost, error) };
    }
  }
  task.failureCost += Number(cost);
  const retries = task.settings.retries ?? policy.retries;
  if (task.failureCost > retries || deaths.length >= policy.maxWorkerKills) {
    return { retry: false, error };
  }
  return AGAIN;
}

function isWorkerLoss(error: unknown): boolean {
  try {
    return (
      typeof error === 'object' && error !== null && 'code' in error && error.code === 'PARSL_WORKER_LOST'
    );
  } catch {
    // A getter, or the trap of a proxy.
    return false;
  }
}
