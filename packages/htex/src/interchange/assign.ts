import type { PackedRecord } from '@parsl-ts/wire';

import type { Heap } from './heap.js';
import type { Manager } from './manager.js';
import { takePlace, type Selector, type Standing } from './selector.js';
import type { TaskQueue } from './task-queue.js';

/**
 * Takes tasks out of the queue and gives each to a manager: first to all idle workers, then to managers that want some
 * in advance. Costs nothing for managers that get none.
 *
 * @param wanting The managers that want tasks, in the selector's order. Those that have become full are taken out.
 * @param give Called once per task. Must count it among what the manager holds.
 */
export function assign(
  queue: TaskQueue,
  wanting: Heap<Standing>,
  selector: Selector,
  give: (manager: Manager, record: PackedRecord) => void,
): void {
  while (queue.size > 0) {
    const standing = wanting.first;
    if (standing === undefined) return;
    const { manager } = standing;
    const wanted = manager.idleWorkers || manager.room;
    // A manager that is alone, or first in line, takes its whole share in one go.
    const share = selector.goesRound && wanting.size > 1 ? Math.min(manager.portion, wanted) : wanted;
    for (let count = 0; count < share; count++) {
      const record = queue.shift();
      if (record === undefined) break;
      give(manager, record);
    }
    if (manager.idleWorkers === 0 && manager.room === 0) {
      wanting.remove(standing);
    } else {
      takePlace(standing, wanting, selector);
    }
  }
}
