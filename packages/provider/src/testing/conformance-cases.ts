import { CANCEL_CASES } from './cancel-cases.js';
import type { Case } from './case.js';
import type { ConformanceSubject, Hook } from './conformance-subject.js';
import { OUTAGE_CASES } from './outage-cases.js';
import { requestCases } from './request-cases.js';
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
  const cases = [
    ...SUBMIT_CASES,
    ...requestCases(subject),
    ...SECRET_CASES,
    ...STATE_CASES,
    ...CANCEL_CASES,
    ...OUTAGE_CASES,
  ];
  return cases.map((each) => ({
    name: each.name,
    skip: reasonToSkip(each, subject),
    run: () => Trial.run(subject, { nodesPerBlock: 1, ...each.wishes }, each.run),
  }));
}

/** Why a case is left out when the subject has no such hook. */
const WITHOUT_HOOK: Readonly<Record<Hook, string>> = {
  occupy: 'its jobs never wait, or cannot be made to',
  expire: 'no walltime can be made to end here',
  killNode: 'no node can be made to die here',
  stopScheduler: 'there is no scheduler that could be stopped here',
  freezeScheduler: 'there is no scheduler that could be frozen here',
};

function reasonToSkip({ needs, needsHook }: Case, subject: ConformanceSubject): string | undefined {
  if (needsHook !== undefined && subject[needsHook] === undefined) {
    return WITHOUT_HOOK[needsHook];
  }
  return needs === undefined ? undefined : subject.cannot?.[needs];
}
