import { signal, type FaultyRun } from './faulty-run.js';

/** After how much silence interchange and managers give each other up in cases that are about silence, in ms. */
export const THRESHOLD_MS = 3000;
/** And in all others, in ms: there, whoever says nothing just waits for its turn on a busy machine. */
export const PATIENT_MS = 60_000;
/** How long something is away that comes back in time, in ms. */
const BRIEFLY_MS = 500;
/** And what comes back too late. */
export const LONG_MS = 4000;

/** What can be done to a process. */
export interface Harm {
  /** Does it. */
  strike(run: FaultyRun, pid: number): void;
  /**
   * How long it lasts, in ms, and at least until it was noticed if it is to be; 0: the process does not survive it;
   * infinite: until all tasks have ended.
   */
  readonly lastsMs: number;
  /** Makes an end of it. */
  relent(pid: number, run: FaultyRun): void;
}

const nothing = (): void => undefined;
const fatal = (strike: Harm['strike']): Harm => ({ strike, lastsMs: 0, relent: nothing });
const pause = (lastsMs: number): Harm => ({
  strike: (_run, pid) => signal(pid, 'SIGSTOP'),
  lastsMs,
  relent: (pid) => signal(pid, 'SIGCONT'),
});

/** By the name of what happens to a process. */
export const HARMS: Readonly<Record<string, Harm>> = {
  exit: fatal((run, pid) => run.order(pid, 'exit')),
  SIGTERM: fatal((_run, pid) => signal(pid, 'SIGTERM')),
  SIGKILL: fatal((_run, pid) => signal(pid, 'SIGKILL')),
  'paused briefly': pause(BRIEFLY_MS),
  'paused long': pause(LONG_MS),
  'out of memory': fatal((run, pid) => run.order(pid, 'fill-heap')),
  'event loop blocked': {
    strike: (run, pid) => run.order(pid, 'block'),
    lastsMs: LONG_MS,
    relent: (pid, run) => run.release(pid),
  },
};
