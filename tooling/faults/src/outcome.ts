/** What must be true after a fault, beside that nothing else suffers and nothing is left. */
export type Outcome =
  /** Every task succeeds at its first try. */
  | { readonly is: 'unharmed' }
  /** A task without retries fails like this; one with a retry succeeds, having been started so many times. */
  | { readonly is: 'lost'; readonly code: string; readonly says: readonly RegExp[]; readonly tries: 1 | 2 }
  /** Each task succeeds, or fails with one of these codes; one with a retry succeeds. */
  | { readonly is: 'settled'; readonly codes: readonly string[] }
  /** The run does not start, and says why. */
  | { readonly is: 'refused'; readonly code: string; readonly says: readonly RegExp[] }
  /** The submit process ends; so does everything else, at once. */
  | { readonly is: 'over' }
  /** Closing takes its time and no more; tasks that had not ended fail. */
  | { readonly is: 'closed' };

/** There is no case. */
export interface NoCase {
  readonly is: 'no case';
  readonly why: string;
}

export const noCase = (why: string): NoCase => ({ is: 'no case', why });

export const unharmed: Outcome = { is: 'unharmed' };
export const over: Outcome = { is: 'over' };
export const closed: Outcome = { is: 'closed' };
export const workerLost = (...says: readonly RegExp[]): Outcome => ({
  is: 'lost',
  code: 'PARSL_WORKER_LOST',
  tries: 2,
  says: [/^worker \w+\/\d on \S+ /, /its output there is \S+\/worker_\d\.log/, ...says],
});
export const managerLost = (...says: readonly RegExp[]): Outcome & { readonly is: 'lost' } =>
  managerLostAway(...says, /its log there is \S+\/manager\.log$/);
/** The same for a pool on another host, of which the run does not say where it is to log. */
export const managerLostAway = (...says: readonly RegExp[]): Outcome & { readonly is: 'lost' } => ({
  is: 'lost',
  code: 'PARSL_MANAGER_LOST',
  tries: 2,
  says: [/^worker pool \w+ of block \w+ on \S+ was lost with this task: /, ...says],
});
/** The same for a pool that comes back while the retry waits for a worker: what it has done meanwhile is not done again. */
export const managerLate = (...says: readonly RegExp[]): Outcome => ({
  ...managerLost(...says),
  is: 'lost',
  tries: 1,
});
export const settled = (...codes: readonly string[]): Outcome => ({ is: 'settled', codes });
export const refused = (says: RegExp, code = 'PARSL_INTERCHANGE_START'): Outcome => ({
  is: 'refused',
  code,
  says: [says],
});
