import type { HighThroughputExecutor } from '@parsl-ts/htex';
import { signal, workersOf } from './processes.js';

/** Deaths so far. */
export interface Deaths {
  workers: number;
  managers: number;
}

/** One death in so many is that of a manager. */
const MANAGERS_SHARE = 0.15;

/**
 * Kills a worker or a manager of the executor now and then, by SIGKILL. However slow the start of what takes their place is,
 * there is progress: nothing is killed before a task has ended since the last death.
 *
 * @param everyMs how long between two deaths, on average, in ms
 * @param ended tells how many tasks have ended so far
 * @returns the function that ends it, and tells how many died
 */
export function startKilling(
  htex: HighThroughputExecutor,
  everyMs: number,
  random: () => number,
  ended: () => number,
): () => Deaths {
  const deaths = { workers: 0, managers: 0 };
  let endedBefore = 0;
  let timer: NodeJS.Timeout | undefined;
  const next = () => {
    timer = setTimeout(
      () => {
        const endedNow = ended();
        if (endedNow > endedBefore && killOne(htex, random, deaths)) endedBefore = endedNow;
        next();
      },
      2 * everyMs * random(),
    );
  };
  next();
  return () => {
    clearTimeout(timer);
    return deaths;
  };
}

/** Tells whether there was anybody to kill. */
function killOne(htex: HighThroughputExecutor, random: () => number, deaths: Deaths): boolean {
  const managers = htex.connectedManagers();
  const manager = managers[Math.floor(random() * managers.length)];
  if (manager === undefined) return false;
  if (random() < MANAGERS_SHARE) {
    if (!signal(manager.pid, 'SIGKILL')) return false;
    deaths.managers++;
    return true;
  }
  const workers = workersOf(manager.pid);
  const worker = workers[Math.floor(random() * workers.length)];
  if (worker === undefined || !signal(worker, 'SIGKILL')) return false;
  deaths.workers++;
  return true;
}
