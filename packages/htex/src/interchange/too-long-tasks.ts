import { encodeError, taskField, WalltimeTooShortError, type Registration } from '@parsl-ts/wire';

import type { Manager } from './manager.js';
import { ShortBlocks } from './short-blocks.js';
import type { TaskEnds } from './task-ends.js';
import type { WaitingTasks } from './waiting-tasks.js';

/** What a {@link TooLongTasks} looks at. */
export interface TooLongTasksParts {
  readonly tasks: WaitingTasks;
  readonly ends: TaskEnds;
  readonly managers: ReadonlyMap<string, Manager>;
  /** The longest `timeoutMs` for which a block of the run can be expected to have time, in ms. */
  readonly longestTaskMs: number;
}

/**
 * Tasks that wait for a manager with more time than there is. Those for which no manager has time enough, and no block can
 * be expected to, fail.
 */
export class TooLongTasks {
  private readonly parts: TooLongTasksParts;
  private readonly shortBlocks = new ShortBlocks();

  constructor(parts: TooLongTasksParts) {
    this.parts = parts;
  }

  /** The least time, in ms, that one of them needs; `undefined`: there are none. */
  get missingMs(): number | undefined {
    const { missingMs } = this.parts.tasks;
    return missingMs === Infinity ? undefined : missingMs;
  }

  /** The longest that a manager which gets tasks is there from now on, in ms. */
  longestTimeLeft(now: number): number {
    return longestLeft(this.parts.managers.values(), now, ({ isOpen }) => isOpen);
  }

  /** Some have begun to wait, of which the longest needs so many ms. */
  began(longestMs: number, now: number): void {
    if (longestMs > this.parts.longestTaskMs) this.failHopeless(now);
  }

  /** A manager has come. */
  joined({ blockId, endsInMs = Infinity }: Registration, now: number): void {
    const { missingMs } = this;
    if (missingMs === undefined || endsInMs >= missingMs) return this.shortBlocks.clear();
    const expectedMs = this.shortBlocks.note(blockId, endsInMs);
    if (expectedMs !== undefined) this.failHopeless(now, expectedMs);
  }

  /** A manager has gone. */
  left(now: number): void {
    if (this.missingMs !== undefined) this.failHopeless(now);
  }

  private failHopeless(now: number, expectedMs = this.parts.longestTaskMs): void {
    const { tasks, ends, managers } = this.parts;
    const most = Math.max(
      expectedMs,
      longestLeft(managers.values(), now, () => true),
    );
    for (const record of tasks.extractLonger(most)) {
      const error = encodeError(new WalltimeTooShortError(taskField.timeoutMs(record), most));
      ends.fail(taskField.submission(record), error);
    }
  }
}

function longestLeft(
  managers: Iterable<Manager>,
  now: number,
  counts: (manager: Manager) => boolean,
): number {
  let longest = 0;
  for (const manager of managers) if (counts(manager)) longest = Math.max(longest, manager.endsAt - now);
  return longest;
}
