/** What may fail. */
interface Fault {
  /** How often, beside the others. */
  readonly weight: number;
  /** How many tasks it may cost a try at most: those that run where it strikes. */
  readonly tries: number;
}

/** Workers of a manager, each of which runs one task. */
export const WORKERS_EACH = 2;
/** Blocks at once, each with one manager. */
export const MOST_BLOCKS = 4;
const ALL = WORKERS_EACH * MOST_BLOCKS;

export const FAULTS = {
  /** A worker is killed by SIGKILL. */
  'worker-kill': { weight: 40, tries: 1 },
  /** A worker is stopped, and goes on up to two seconds later. */
  'worker-pause': { weight: 25, tries: 0 },
  /** A task ends its worker's process. */
  'worker-exit': { weight: 16, tries: 1 },
  /** A task fills its worker's heap. */
  'worker-oom': { weight: 8, tries: 1 },
  /** A manager is killed by SIGKILL. */
  'manager-kill': { weight: 3, tries: WORKERS_EACH },
  /** A manager is told to end by SIGTERM. */
  'manager-term': { weight: 3, tries: WORKERS_EACH },
  /** A manager ends by itself. */
  'manager-exit': { weight: 2, tries: WORKERS_EACH },
  /** A manager fills its heap. */
  'manager-oom': { weight: 2, tries: WORKERS_EACH },
  /** A manager is stopped, and goes on before it is taken for lost. */
  'manager-pause': { weight: 10, tries: 0 },
  /** A manager is stopped, and goes on after it was taken for lost. */
  'manager-pause-long': { weight: 2, tries: WORKERS_EACH },
  /** The event loop of a manager is blocked until after it was taken for lost. */
  'manager-block': { weight: 2, tries: WORKERS_EACH },
  /** The job of a block is cancelled behind the executor's back. */
  'block-cancel': { weight: 3, tries: WORKERS_EACH },
  /** All processes of a block are killed by SIGKILL. */
  'block-kill': { weight: 2, tries: WORKERS_EACH },
  /** All processes of a block are stopped, and go on before its manager is taken for lost. */
  'block-pause': { weight: 4, tries: 0 },
  /** All processes of a block are stopped, and go on after its manager was taken for lost. */
  'block-pause-long': { weight: 2, tries: WORKERS_EACH },
  /** The interchange is killed by SIGKILL. */
  'interchange-kill': { weight: 2, tries: 0 },
  /** The interchange is told to end by SIGTERM. */
  'interchange-term': { weight: 2, tries: 0 },
  /** The interchange fills its heap. */
  'interchange-oom': { weight: 2, tries: 0 },
  /** The interchange is stopped, and goes on before managers take it for lost. */
  'interchange-pause': { weight: 4, tries: 0 },
  /** The interchange is stopped, and goes on after managers have taken it for lost. */
  'interchange-pause-long': { weight: 1, tries: ALL },
  /** The event loop of the interchange is blocked until after managers have taken it for lost. */
  'interchange-block': { weight: 1, tries: ALL },
  /** The event loop of the submit process is blocked for longer than any heartbeat may be late. */
  'submit-stall': { weight: 2, tries: 0 },
  /** The submit process is stopped for longer than any heartbeat may be late. */
  'submit-pause': { weight: 2, tries: 0 },
} as const satisfies Readonly<Record<string, Fault>>;

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
