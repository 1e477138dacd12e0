import type { Manager } from './manager.js';

/** How long a manager that had nothing to give back is left alone at first, in ms: a lease of a worker ends in that time. */
const FIRST_PAUSE_MS = 25;
/** The longest such pause, in ms. */
const LAST_PAUSE_MS = 1000;

/**
 * Whom to ask for tasks that have not started, and for how many: those that get no more tasks for all, so that they end
 * soon, and those with more tasks than workers for as many as there are idle workers elsewhere.
 *
 * @param waiting Tasks that no manager has.
 */
export function recall(managers: Iterable<Manager>, waiting: number, now: number): [Manager, number][] {
  const asked: [Manager, number][] = [];
  const full: Manager[] = [];
  let idle = -waiting;
  for (const manager of managers) {
    if (manager.isOpen) idle += manager.idleWorkers;
    if (manager.excess === 0 || manager.recalling || manager.recallAfter > now) continue;
    if (manager.draining || manager.onHold) asked.push([manager, manager.excess]);
    else full.push(manager);
  }
  if (idle <= 0) return asked;
  full.sort((a, b) => b.excess - a.excess);
  for (const manager of full) {
    if (idle <= 0) break;
    const tasks = Math.min(idle, manager.excess);
    asked.push([manager, tasks]);
    idle -= tasks;
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

/** When somebody may be asked again who has tasks to give, or `undefined`. */
export function nextRecall(managers: Iterable<Manager>, now: number): number | undefined {
  let next: number | undefined;
  for (const manager of managers) {
    if (manager.excess === 0 || manager.recalling || manager.recallAfter <= now) continue;
    if (next === undefined || manager.recallAfter < next) next = manager.recallAfter;
  }
  return next;
}
