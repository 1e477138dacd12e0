import { checkOptions, type SchemaOf } from '../check-options.js';
import type { Launcher, LaunchRequest } from '../launcher.js';
import { boolean } from '../option-kinds.js';
import { runCopies } from './run-copies.js';

/** Options of {@link SingleNodeLauncher}. */
export interface SingleNodeLauncherOptions {
  /**
   * `true`: the job fails if any copy fails. `false`: only if all do. Either way it waits for all of them.
   *
   * @default false
   */
  readonly failOnAny?: boolean;
}

const SCHEMA = { failOnAny: boolean({ default: false }) } satisfies SchemaOf<SingleNodeLauncherOptions>;

/**
 * Runs all copies on the node where the job script runs: `tasksPerNode` times `nodesPerBlock` of them. Waits for every
 * copy, whatever the others do, and passes `SIGTERM`, `SIGINT` (as `SIGTERM`), `SIGHUP`, `SIGUSR1` and `SIGUSR2` on. A
 * job that fails has the exit code of its first copy that failed.
 */
export class SingleNodeLauncher implements Launcher {
  readonly label = 'single-node';
  readonly carriesSecrets = true;
  readonly staysOnNode = true;
  readonly #failOnAny: boolean;

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: SingleNodeLauncherOptions = {}) {
    this.#failOnAny = checkOptions('SingleNodeLauncher', options, SCHEMA).failOnAny;
  }

  fragment({ command, tasksPerNode, nodesPerBlock }: LaunchRequest): string {
    const copies = tasksPerNode * nodesPerBlock;
    return runCopies(command, copies, this.#failOnAny ? 0 : copies - 1);
  }
}
