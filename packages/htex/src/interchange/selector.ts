import type { Manager } from './manager.js';

/** The names of the selectors, for options. */
export const SELECTOR_NAMES = ['spread', 'random', 'block-id'] as const;

export type SelectorName = (typeof SELECTOR_NAMES)[number];

/** Which managers get tasks first. */
export interface Selector {
  /** Whether tasks go round, one to each manager in turn, or to the first manager until it is full. */
  readonly goesRound: boolean;
  /** Brings the managers that have room into order, in place. */
  sort(managers: Manager[]): void;
}

/** @param random Gives numbers from 0 to below 1. */
export function createSelector(name: SelectorName, random: () => number): Selector {
  switch (name) {
    case 'spread':
      return { goesRound: true, sort: leastLoadedFirst(random) };
    case 'random':
      return { goesRound: true, sort: (managers) => shuffle(managers, random) };
    case 'block-id':
      return { goesRound: false, sort: (managers) => managers.sort(byBlock) };
  }
}

/** A random start, so that equals take turns. */
function leastLoadedFirst(random: () => number): (managers: Manager[]) => void {
  return (managers) => {
    if (managers.length < 2) return;
    shuffle(managers, random);
    managers.sort((a, b) => a.held.size / a.workers - b.held.size / b.workers);
  };
}

function shuffle(managers: Manager[], random: () => number): void {
  for (let last = managers.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [managers[last], managers[other]];
    if (a === undefined || b === undefined) continue;
    managers[last] = b;
    managers[other] = a;
  }
}

/** Blocks are numbered by the executor: 2 comes before 10. */
function byBlock(a: Manager, b: Manager): number {
  return (
    a.registration.blockId.localeCompare(b.registration.blockId, 'en', { numeric: true }) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}
