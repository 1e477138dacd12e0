import type { Heap, HeapItem } from './heap.js';
import type { Manager } from './manager.js';

/** The names of the selectors, for options. */
export const SELECTOR_NAMES = ['spread', 'random', 'block-id'] as const;

export type SelectorName = (typeof SELECTOR_NAMES)[number];

/** Where a manager stands among those that want tasks, as of when it was last looked at. */
export interface Standing extends HeapItem {
  readonly manager: Manager;
  /** The smaller, the sooner. */
  rank: number;
  /** Decides between equals, from 0 to below 1. */
  turn: number;
}

/** Which managers get tasks first. */
export interface Selector {
  /** Whether tasks go round, some to each manager in turn, or to the first manager until it is full. */
  readonly goesRound: boolean;
  /** The rank of the manager now. Whoever has idle workers comes before all that have none. */
  rank(manager: Manager): number;
  /** What decides between equals, drawn anew each time that a manager takes its place. */
  turn(): number;
  /** Whether `a` gets tasks before `b`. */
  before(a: Standing, b: Standing): boolean;
}

/** @param random Gives numbers from 0 to below 1. */
export function createSelector(name: SelectorName, random: () => number): Selector {
  switch (name) {
    case 'spread':
      return { goesRound: true, rank: byLoad, turn: random, before: byRankThenTurn };
    case 'random':
      return { goesRound: true, rank: byIdleness, turn: random, before: byRankThenTurn };
    case 'block-id':
      return { goesRound: false, rank: byIdleness, turn: () => 0, before: byRankThenBlock };
  }
}

/** Lets a manager take its place among those that want tasks. */
export function takePlace(standing: Standing, wanting: Heap<Standing>, selector: Selector): void {
  standing.rank = selector.rank(standing.manager);
  standing.turn = selector.turn();
  wanting.put(standing);
}

/** How many tasks there are for each worker. */
function byLoad(manager: Manager): number {
  return manager.held.size / manager.workers;
}

function byIdleness(manager: Manager): number {
  return manager.idleWorkers > 0 ? 0 : 1;
}

function byRankThenTurn(a: Standing, b: Standing): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.turn < b.turn);
}

/** Blocks are numbered by the executor: 2 comes before 10. */
const blockOrder = new Intl.Collator('en', { numeric: true });

function byRankThenBlock(a: Standing, b: Standing): boolean {
  if (a.rank !== b.rank) return a.rank < b.rank;
  const order = blockOrder.compare(a.manager.registration.blockId, b.manager.registration.blockId);
  return order < 0 || (order === 0 && a.manager.id < b.manager.id);
}
