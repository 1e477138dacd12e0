import type { BadPool } from '../link/link-protocol.js';

/** Why a pool is held, for people. */
export function whyHeld({ failed, ended, failedElsewhere, ranElsewhere, lastError }: BadPool): string {
  const last = lastError === undefined ? '' : `; the last error here: ${lastError}`;
  return `${failed} of its last ${ended} tasks failed, and ${failedElsewhere} of ${ranElsewhere} elsewhere${last}`;
}
