import type { BadNodeRules } from '../interchange/failure-watch.js';
import type { SelectorName } from '../interchange/selector.js';
import type { RunKeys } from './link-protocol.js';

/** Everything an interchange is told at its start. */
export interface InterchangeSetup {
  readonly runId: string;
  /** Label of the executor, for logs. */
  readonly label: string;
  /** Where to listen: IPv4 addresses of this host, or `*` for all. At least one. */
  readonly listen: readonly string[];
  /** The option of the executor that says where to listen. */
  readonly listenOption: 'address' | 'loopbackAddress';
  /** The port, or `undefined` to take a free one of the range. */
  readonly port: number | undefined;
  /** First and last port of the range. */
  readonly portRange: readonly [number, number];
  /** How long the port may still be in use, in ms; `undefined`: not at all. */
  readonly portPatienceMs?: number;
  /** The keys that an interchange had which this one replaces; `undefined`: it makes its own. */
  readonly keys: RunKeys | undefined;
  /** File that gets the keys for pools, in a directory that the interchange makes; `undefined`: no encryption. */
  readonly keyFile: string | undefined;
  readonly logFile: string;
  readonly heartbeatPeriodMs: number;
  readonly heartbeatThresholdMs: number;
  readonly selector: SelectorName;
  /** The longest `timeoutMs` for which a block has time, in ms; `undefined`: any. */
  readonly longestTaskMs: number | undefined;
  /** When a pool is held because tasks fail on it; `undefined`: never. */
  readonly badNodes: BadNodeRules | undefined;
  /** Makes the choices of the interchange repeatable. */
  readonly seed: number;
}
