import type { HeapItem } from './heap.js';
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
  /** Brings `standing` up to date. Whoever has idle workers comes before all that have none. */
  assess(standing: Standing): void;
  /** Whether `a` gets tasks before `b`. */
  before(a: Standing, b: Standing): boolean;
}

/** @param random Gives numbers from 0 to below 1. */
export function createSelector(name: SelectorName, random: () => number): Selector {
  switch (name) {
    case 'spread':
      return { goesRound: true, assess: byLoad(random), before: byRankThenTurn };
    case 'random':
      return { goesRound: true, assess: byChance(random), before: byRankThenTurn };
    case 'block-id':
      return { goesRound: false, assess: byIdleness, before: byRankThenBlock };
  }
}

/** How many tasks there are for each worker. Equals take turns by chance. */
function byLoad(random: () => number): (standing: Standing) => void {
  return (standing) => {
    standing.rank = standing.manager.held.size / standing.manager.workers;
    standing.turn = random();
  };
}

function byChance(random: () => number): (standing: Standing) => void {
  return (standing) => {
    byIdleness(standing);
    standing.turn = random();
  };
}

function byIdleness(standing: Standing): void {
  standing.rank = standing.manager.idleWorkers > 0 ? 0 : 1;
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
