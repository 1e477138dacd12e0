import { ManagerLost } from '@parsl-ts/wire';

import type { AssignmentJournal } from '../link/assignment-journal.js';
import type { FrameLink } from '../link/frame-link.js';
import { ToInterchange } from '../link/link-protocol.js';
import { packSubmissions } from '../link/submissions.js';
import type { ConnectedManager } from './connected-manager.js';

/** Who has which of the tasks that are not settled, as the interchange that died has noted it. */
export interface Assignments {
  /** Submissions that each registered manager was given last. */
  readonly byManager: ReadonlyMap<string, readonly number[]>;
  /** Those that were given to a manager which has gone since, and why they fail. */
  readonly lost: ReadonlyMap<number, ManagerLost>;
}

export const NOTHING_ASSIGNED: Assignments = { byManager: new Map(), lost: new Map() };

/**
 * Reads the journal, and leaves in it what the next interchange has to know.
 *
 * @param before what was read for an interchange that never came to life
 */
export function takeOverJournal(
  journal: AssignmentJournal,
  managers: readonly ConnectedManager[],
  isOutstanding: (submission: number) => boolean,
  before: Assignments,
): Assignments {
  const byManager = new Map<string, number[]>(managers.map(({ id }) => [id, []]));
  // An interchange that could not be started was not told of them.
  const lost = new Map<number, ManagerLost>(before.lost);
  for (const [submission, id] of journal.read(isOutstanding)) {
    const submissions = byManager.get(id);
    if (submissions !== undefined) submissions.push(submission);
    else lost.set(submission, new ManagerLost({ id, host: 'unknown', blockId: 'unknown' }, GONE));
  }
  journal.rewrite(byManager);
  return { byManager, lost };
}

const GONE = 'it went at about the time at which the interchange died';

/** Tells an interchange which managers will come back to it. */
export function expectManagers(
  link: FrameLink,
  managers: readonly ConnectedManager[],
  { byManager }: Assignments,
): void {
  for (const { id, blockId, host, pid, workers, cores, memoryGb, node, version } of managers) {
    link.sendWithHead(
      ToInterchange.expect,
      { id, blockId, host, pid, workers, cores, memoryGb, node, version },
      packSubmissions(byManager.get(id) ?? []),
    );
  }
}
