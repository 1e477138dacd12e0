import { taskField, type PackedRecord, type PriorityQueue } from '@parsl-ts/wire';

import type { Heap } from './heap.js';
import type { Manager } from './manager.js';
import type { Misfits } from './misfits.js';
import { takePlace, type Selector, type Standing } from './selector.js';

/** Who gets tasks. */
export interface Takers {
  /** The managers that want tasks, in the selector's order. Those that have become full are taken out. */
  readonly wanting: Heap<Standing>;
  readonly selector: Selector;
  readonly now: number;
  /** Called once per task. Must count it among what the manager holds. */
  readonly give: (manager: Manager, record: PackedRecord) => void;
}

/**
 * Takes tasks out of the queue and gives each to a manager: first to all idle workers, then to managers that want some
 * in advance. Costs nothing for managers that get none.
 *
 * @param setAside Called with each task that may run for longer than its manager is there.
 */
export function assign(
  queue: PriorityQueue<PackedRecord>,
  { wanting, selector, now, give }: Takers,
  setAside: (record: PackedRecord) => void,
): void {
  while (queue.size > 0) {
    const standing = wanting.first;
    if (standing === undefined) return;
    const { manager } = standing;
    const share = shareOf(manager, wanting, selector);
    const leftMs = manager.endsAt - now;
    const ends = leftMs < Infinity;
    for (let count = 0; count < share;) {
      const record = queue.shift();
      if (record === undefined) break;
      if (ends && taskField.timeoutMs(record) > leftMs) {
        setAside(record);
        continue;
      }
      give(manager, record);
      count++;
    }
    placeAnew(standing, wanting, selector);
  }
}

/** Gives tasks that were set aside to managers that have time enough for them, the first of these in the selector's order. */
export function assignMisfits(misfits: Misfits, { wanting, selector, now, give }: Takers): void {
  while (misfits.size > 0) {
    const standing = firstWithTime(wanting, selector, now + misfits.shortestMs);
    if (standing === undefined) return;
    const { manager } = standing;
    const share = shareOf(manager, wanting, selector);
    for (let count = 0; count < share; count++) {
      const record = misfits.take(manager.endsAt - now);
      if (record === undefined) break;
      give(manager, record);
    }
    placeAnew(standing, wanting, selector);
  }
}

/** How many tasks the manager gets now. One that is alone, or first in line, takes its whole share in one go. */
function shareOf(manager: Manager, wanting: Heap<Standing>, selector: Selector): number {
  const wanted = manager.idleWorkers || manager.room;
  return selector.goesRound && wanting.size > 1 ? Math.min(manager.portion, wanted) : wanted;
}

function placeAnew(standing: Standing, wanting: Heap<Standing>, selector: Selector): void {
  const { manager } = standing;
  if (manager.idleWorkers === 0 && manager.room === 0) wanting.remove(standing);
  else takePlace(standing, wanting, selector);
}

function firstWithTime(wanting: Heap<Standing>, selector: Selector, until: number): Standing | undefined {
  let first: Standing | undefined;
  for (const standing of wanting) {
    if (standing.manager.endsAt < until) continue;
    if (first === undefined || selector.before(standing, first)) first = standing;
  }
  return first;
}
