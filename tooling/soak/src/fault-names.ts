/** What may fail, and how often beside the others. */
export const FAULTS = {
  /** A worker is killed by SIGKILL. */
  'worker-kill': 15,
  /** A worker is stopped, and goes on up to two seconds later. */
  'worker-pause': 10,
  /** A task ends its worker's process. */
  'worker-exit': 6,
  /** A task fills its worker's heap. */
  'worker-oom': 3,
  /** A manager is killed by SIGKILL. */
  'manager-kill': 2,
  /** A manager is told to end by SIGTERM. */
  'manager-term': 2,
  /** A manager is stopped, and goes on before it is taken for lost. */
  'manager-pause': 4,
  /** A manager is stopped, and goes on after it was taken for lost. */
  'manager-pause-long': 1,
  /** The job of a block is cancelled behind the executor's back. */
  'block-cancel': 2,
  /** The interchange is killed by SIGKILL. */
  'interchange-kill': 1,
  /** The event loop of the submit process is blocked for longer than any heartbeat may be late. */
  'submit-stall': 1,
} as const;

export type FaultName = keyof typeof FAULTS;

/** @throws Error for a name that is none */
export function faultNames(text: string): FaultName[] {
  const names = text.split(',').filter((name) => name !== '');
  const wrong = names.find((name) => !(name in FAULTS));
  if (wrong !== undefined) {
    throw new Error(`there is no fault '${wrong}'; there are ${Object.keys(FAULTS).join(', ')}`);
  }
  return names as FaultName[];
}
