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
 * Kills a worker or a manager of the executor now and then, by SIGKILL.
 *
 * @param everyMs how long between two deaths, on average, in ms
 * @returns the function that ends it, and tells how many died
 */
export function startKilling(
  htex: HighThroughputExecutor,
  everyMs: number,
  random: () => number,
): () => Deaths {
  const deaths = { workers: 0, managers: 0 };
  let timer: NodeJS.Timeout | undefined;
  const next = () => {
    timer = setTimeout(
      () => {
        killOne(htex, random, deaths);
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

function killOne(htex: HighThroughputExecutor, random: () => number, deaths: Deaths): void {
  const managers = htex.connectedManagers();
  const manager = managers[Math.floor(random() * managers.length)];
  if (manager === undefined) return;
  if (random() < MANAGERS_SHARE) {
    if (signal(manager.pid, 'SIGKILL')) deaths.managers++;
    return;
  }
  const workers = workersOf(manager.pid);
  const worker = workers[Math.floor(random() * workers.length)];
  if (worker !== undefined && signal(worker, 'SIGKILL')) deaths.workers++;
}
