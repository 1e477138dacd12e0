/** What a launcher is to start. */
export interface LaunchRequest {
  /** Name of the job: letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** A line of `sh` that starts one worker pool. */
  readonly command: string;
  /** Copies of `command` on each node. At least 1. */
  readonly tasksPerNode: number;
  /** Nodes of the block. At least 1. */
  readonly nodesPerBlock: number;
  /** The only directory a fragment may write to. Absolute path. */
  readonly scriptDir: string;
  /**
   * Whether the environment of the fragment holds the variable {@link SECRET_VARIABLE} for the command. It may be named
   * in arguments and in the script; its value may not.
   *
   * @default false
   */
  readonly hasSecret?: boolean;
}

/**
 * Turns "start one worker pool per node" into the last part of a job's bash script. The fragment runs every copy, ends
 * when the last one has ended, and its exit code is the job's.
 */
export interface Launcher {
  /** Name for messages. */
  readonly label: string;
  /**
   * Whether every copy, on every node, finds {@link SECRET_VARIABLE} in its environment, and no other user can see its
   * value on the way there.
   *
   * @default false
   */
  readonly carriesSecrets?: boolean;
  /**
   * Whether every copy runs on the node where the script runs, however many nodes the block has. With `LocalProvider`, the
   * interchange listens on the loopback only if it says so; otherwise on all addresses, if it is encrypted.
   *
   * @default false
   */
  readonly staysOnNode?: boolean;
  /** The fragment: lines of bash that pass `bash -n` whatever the request holds. Pure. */
  fragment(request: LaunchRequest): string;
}

/** Whether a value can be used as a {@link Launcher}. */
export function isLauncher(value: unknown): value is Launcher {
  return (
    typeof value === 'object' &&
    value !== null &&
    'label' in value &&
    typeof value.label === 'string' &&
    'fragment' in value &&
    typeof value.fragment === 'function'
  );
}
