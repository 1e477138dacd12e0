import type { PoolJoined } from '../link/link-protocol.js';

/** A worker pool that is registered. */
export interface ConnectedManager extends PoolJoined {
  /** Tasks that it holds, running or waiting; up to 50 ms old, and up to half a second where there are 8,000 pools. */
  readonly tasks: number;
  /** It ends when it has finished what it holds. */
  readonly draining: boolean;
  /** It gets no further tasks: by `holdManager`, because its block is given back, or because tasks fail on it. */
  readonly onHold: boolean;
  /** How often tasks fail on it and elsewhere, if it is on hold for that. */
  readonly onHoldBecause: string | undefined;
}
