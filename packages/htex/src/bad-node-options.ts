import { checkOptions, integer, value, type SchemaOf } from '@parsl-ts/provider';

import type { BadNodeRules } from './interchange/failure-watch.js';

/** When a worker pool gets no more tasks because they fail on it. */
export interface BadNodeOptions {
  /**
   * How many times as often tasks must fail on the pool as tasks of the same functions do on all others together.
   *
   * @default 10
   */
  readonly failureRatio?: number;
  /**
   * How many tasks must have failed on the pool, and of how many tasks of the same functions it must be known elsewhere
   * whether they do. At most 64: about a hundred results of each function on each pool are remembered.
   *
   * @default 10
   */
  readonly minFailures?: number;
}

const SCHEMA = {
  failureRatio: value('a number of more than 1', isRatio, { default: 10 }),
  minFailures: integer({ min: 1, max: 64, default: 10 }),
} satisfies SchemaOf<BadNodeOptions>;

/**
 * Checks when a pool is taken for bad.
 *
 * @returns `undefined`: never
 * @throws ConfigurationError for an unknown field or a wrong value, naming it
 */
export function checkBadNodes(options: false | BadNodeOptions): BadNodeRules | undefined {
  if (options === false) return undefined;
  return checkOptions("option 'badNodes' of HighThroughputExecutor", options, SCHEMA);
}

function isRatio(given: unknown): given is number {
  return typeof given === 'number' && Number.isFinite(given) && given > 1;
}
