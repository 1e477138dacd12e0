import type { Delivered } from '@parsl-ts/wire';

import type { Manager } from './manager.js';

/** Which managers are to be told that their results have been passed on. */
export class Acknowledgements {
  private owed = new Set<Manager>();
  private last: Manager | undefined;

  /**
   * A result of the manager has come.
   *
   * @param name by which submission the manager knows it
   */
  count(manager: Manager, name: number): void {
    manager.results++;
    manager.lastResult = name;
    // Results come many at a time from one manager.
    if (manager === this.last) return;
    this.last = manager;
    this.owed.add(manager);
  }

  get isOwed(): boolean {
    return this.owed.size > 0;
  }

  /** What has come of each since the last call. A manager that is away says first where it stands. */
  take(): [manager: string, delivered: Delivered][] {
    const { owed } = this;
    this.owed = new Set();
    this.last = undefined;
    return [...owed]
      .filter(({ away }) => away === undefined)
      .map(({ id, results, lastResult }) => [id, { results, last: lastResult }]);
  }
}
