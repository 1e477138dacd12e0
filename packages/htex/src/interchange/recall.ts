import type { Manager } from './manager.js';
import type { Stocks } from './stocks.js';

/** How long a manager that had nothing to give back is left alone at first, in ms: a lease of a worker ends in that time. */
const FIRST_PAUSE_MS = 25;
/** The longest such pause, in ms. */
const LAST_PAUSE_MS = 1000;

/**
 * Whom to ask for tasks that have not started, and for how many: those that get no more tasks for all, so that they end
 * soon, and those with more tasks than workers for as many as there are idle workers elsewhere. Those that are asked
 * are taken out of the stocks.
 *
 * @param idle Workers that have nothing to do and for whom no task waits.
 */
export function recall(stocks: Stocks, idle: number, now: number): [Manager, number][] {
  const asked: [Manager, number][] = [];
  stocks.wake(now);
  for (let stock = stocks.takeEnding(); stock !== undefined; stock = stocks.takeEnding()) {
    asked.push([stock.manager, stock.excess]);
  }
  for (let left = idle; left > 0;) {
    const stock = stocks.takeFullest();
    if (stock === undefined) break;
    const tasks = Math.min(left, stock.excess);
    asked.push([stock.manager, tasks]);
    left -= tasks;
  }
  return asked;
}

/** Notes a manager's answer: after each that brings nothing, it is left alone for longer. */
export function answered(manager: Manager, tasks: number, now: number): void {
  manager.recalling = false;
  manager.recallMisses = tasks > 0 ? 0 : manager.recallMisses + 1;
  if (tasks > 0) return;
  manager.recallAfter = now + Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (manager.recallMisses - 1));
}
