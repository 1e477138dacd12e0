import type { BlockReport } from '../executor.js';
import type { Block } from './block.js';
import { noneDue, type Due } from './due.js';

/** How long a job may run without any worker pool before it is remarkable, in ms. */
const LONELY_MS = 60_000;

/** Blocks whose jobs have run for a minute without any worker pool. Each is told once. */
export function lonelyBlocks(blocks: Iterable<Block>, now: number): Due<BlockReport> {
  const found = noneDue<BlockReport>();
  for (const block of blocks) {
    block.lonelySince = block.lonely ? (block.lonelySince ?? now) : undefined;
    block.toldLonely &&= block.lonely;
    if (block.lonelySince === undefined || block.toldLonely) {
      continue;
    }
    const dueAt = block.lonelySince + LONELY_MS;
    if (dueAt <= now) {
      block.toldLonely = true;
      found.due.push(block.report());
    } else {
      found.nextAt = Math.min(found.nextAt, dueAt);
    }
  }
  return found;
}
