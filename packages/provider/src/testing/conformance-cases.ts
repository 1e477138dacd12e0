import { CANCEL_CASES } from './cancel-cases.js';
import type { Case } from './case.js';
import type { ConformanceSubject } from './conformance-subject.js';
import { SECRET_CASES } from './secret-cases.js';
import { STATE_CASES } from './state-cases.js';
import { SUBMIT_CASES } from './submit-cases.js';
import { Trial } from './trial.js';

/** One behaviour that a provider must have. */
export interface ConformanceCase {
  /** The behaviour, in words. */
  readonly name: string;
  /** Why the case is left out; `undefined`: it is to be run. */
  readonly skip: string | undefined;
  /** Resolves if the provider behaves; rejects with an `AssertionError` otherwise. Leaves nothing behind. */
  run(): Promise<void>;
}

/**
 * What every provider must do, as cases for any test framework. Each makes a provider of its own and can run alone;
 * cases may run at the same time, except that one of them changes a variable of `process.env`.
 *
 * @example
 * for (const { name, skip, run } of conformanceCases({ create: () => new MyProvider() })) {
 *   test(name, { skip: skip !== undefined, timeout: 60_000 }, run);
 * }
 */
export function conformanceCases(subject: ConformanceSubject): readonly ConformanceCase[] {
  return [...SUBMIT_CASES, ...SECRET_CASES, ...STATE_CASES, ...CANCEL_CASES].map((each) => ({
    name: each.name,
    skip: reasonToSkip(each, subject),
    run: () => Trial.run(subject, each.nodesPerBlock ?? 1, each.run),
  }));
}

function reasonToSkip({ needs, needsQueue }: Case, subject: ConformanceSubject): string | undefined {
  if (needsQueue === true && subject.occupy === undefined) {
    return 'its jobs never wait';
  }
  return needs === undefined ? undefined : subject.cannot?.[needs];
}
