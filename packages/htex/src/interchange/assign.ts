import type { PackedRecord } from '@parsl-ts/wire';

import type { Manager } from './manager.js';
import type { Selector } from './selector.js';
import type { TaskQueue } from './task-queue.js';

/**
 * Takes tasks out of the queue and gives each to a manager: first to all idle workers, then to managers that want some
 * in advance.
 *
 * @param give Called once per task. Must count it among what the manager holds.
 */
export function assign(
  queue: TaskQueue,
  managers: Iterable<Manager>,
  selector: Selector,
  give: (manager: Manager, record: PackedRecord) => void,
): void {
  if (queue.size === 0) return;
  const open: Manager[] = [];
  for (const manager of managers) if (manager.wantsTasks && manager.isOpen) open.push(manager);
  if (open.length === 0) return;
  selector.sort(open);
  fill(queue, open, selector.goesRound, (manager) => manager.idleWorkers, give);
  fill(queue, open, selector.goesRound, (manager) => manager.room, give);
}

function fill(
  queue: TaskQueue,
  managers: readonly Manager[],
  goesRound: boolean,
  wanted: (manager: Manager) => number,
  give: (manager: Manager, record: PackedRecord) => void,
): void {
  let hungry = managers;
  while (hungry.length > 0) {
    for (const manager of hungry) {
      // A manager that is alone, or first in line, takes its whole share in one go.
      const share = goesRound && hungry.length > 1 ? Math.min(1, wanted(manager)) : wanted(manager);
      for (let count = 0; count < share; count++) {
        const record = queue.shift();
        if (record === undefined) return;
        give(manager, record);
      }
    }
    hungry = hungry.filter((manager) => wanted(manager) > 0);
  }
}
