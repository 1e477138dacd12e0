/**
 * What the submit process and its interchange say to each other over a socket for each direction, as the type byte of
 * stream frames. Both are of the same installation. Its end means that the other process is gone.
 */
export const ToInterchange = {
  /** `InterchangeSetup`, once, first. */
  setup: 1,
  /** A function: its index (u32), length (u32) of the first frame of a wire `code` message, that frame, the source. */
  code: 2,
  /** Task records, payloads attached. */
  tasks: 3,
  /** A list of `Cancellation` of the wire. */
  cancel: 4,
  /** {@link HoldRequest}. */
  hold: 5,
  /** The run ends. Empty. */
  close: 6,
  /**
   * To an interchange that replaces one that died, before the tasks: a manager that was registered. Length (u32) of its
   * {@link PoolJoined}, that, and the submissions that it was given last and that are not settled.
   */
  expect: 7,
} as const;

export const FromInterchange = {
  /** {@link InterchangeReady}, once, first. */
  ready: 1,
  /** {@link InterchangeRefusal}: it cannot work as it was told to, and ends. */
  failed: 2,
  /** Result records, payloads attached. */
  results: 3,
  /** {@link PoolNews}. */
  pools: 4,
  /** {@link HoldRequest} has been obeyed: its `request` number. */
  held: 5,
  /** Submissions that are to be sent again: they were lost on their way to a manager. */
  again: 6,
  /** {@link BadPool}. */
  bad: 7,
  /** {@link MissingTime}, when it has changed. */
  missingTime: 8,
} as const;

/** Which pools get no further tasks. */
export interface HoldRequest {
  readonly request: number;
  readonly managers: readonly string[];
  readonly blocks: readonly string[];
}

/** The interchange listens. */
export interface InterchangeReady {
  readonly port: number;
  /** `undefined`: not encrypted. */
  readonly keys: RunKeys | undefined;
}

/** A CURVE key pair, in Z85. */
export interface KeyPair {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** The keys of a run. They are kept by the submit process, for an interchange that has to replace the first one. */
export interface RunKeys {
  readonly server: KeyPair;
  readonly pool: KeyPair;
}

/** Why the interchange cannot work. */
export interface InterchangeRefusal {
  /** The option of the executor at fault. */
  readonly option: string;
  readonly message: string;
}

/** A worker pool that has registered. */
export interface PoolJoined {
  readonly id: string;
  readonly blockId: string;
  readonly host: string;
  readonly pid: number;
  readonly workers: number;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly version: string;
}

/** A worker pool that is registered no more. */
export interface PoolLeft {
  readonly id: string;
  readonly reason: string;
  /** Whether it went without a word. */
  readonly lost: boolean;
}

/** What has changed of a worker pool. */
export interface PoolActivity {
  readonly id: string;
  readonly tasks: number;
  readonly draining: boolean;
  readonly onHold: boolean;
}

/** A worker pool is held because tasks fail on it far more often than on others. The numbers are of recent tasks. */
export interface BadPool {
  readonly id: string;
  readonly host: string;
  readonly blockId: string;
  readonly failed: number;
  readonly ended: number;
  readonly failedElsewhere: number;
  /** Those that ended elsewhere, or go on there for longer than those that failed here. */
  readonly ranElsewhere: number;
  /** Name and message of the last error, if it can be read. */
  readonly lastError: string | undefined;
}

/** Tasks wait because no pool that gets tasks has time enough for them. */
export interface MissingTime {
  /** The least time that one of them needs, in ms; `undefined`: there is none any more. */
  readonly neededMs: number | undefined;
  /** The longest that a pool has left, in ms. */
  readonly leftMs: number;
}

/** What has happened to pools since the last news, in this order. */
export interface PoolNews {
  readonly joined: readonly PoolJoined[];
  readonly activity: readonly PoolActivity[];
  readonly left: readonly PoolLeft[];
}
