import { checkOptions, type SchemaOf } from '../check-options.js';
import type { Launcher, LaunchRequest } from '../launcher.js';
import { shellCommand } from '../shell-quote.js';
import { PROGRAM_LAUNCHER_OPTIONS, type ProgramLauncherOptions } from './launcher-options.js';
import { oneCopy } from './one-copy.js';

/** Options of {@link AprunLauncher}. `overrides` are arguments of `aprun`. */
export type AprunLauncherOptions = ProgramLauncherOptions;

const SCHEMA = PROGRAM_LAUNCHER_OPTIONS satisfies SchemaOf<AprunLauncherOptions>;

/**
 * Runs the copies on the nodes of a Cray job, `tasksPerNode` on each, with `aprun`, which takes the place of the job's
 * shell. Copies are not bound to cores: `overrides` may say otherwise.
 */
export class AprunLauncher implements Launcher {
  readonly label = 'aprun';
  readonly carriesSecrets = true;
  readonly #overrides: readonly string[];

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: AprunLauncherOptions = {}) {
    this.#overrides = checkOptions('AprunLauncher', options, SCHEMA).overrides;
  }

  fragment({ command, tasksPerNode, nodesPerBlock }: LaunchRequest): string {
    const size = ['-n', String(tasksPerNode * nodesPerBlock), '-N', String(tasksPerNode)];
    return `exec aprun ${shellCommand([...size, '-cc', 'none', ...this.#overrides])} ${oneCopy(command)}\n`;
  }
}
