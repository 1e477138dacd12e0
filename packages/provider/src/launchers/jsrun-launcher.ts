import { checkOptions, type SchemaOf } from '../check-options.js';
import type { Launcher, LaunchRequest } from '../launcher.js';
import { shellCommand } from '../shell-quote.js';
import { PROGRAM_LAUNCHER_OPTIONS, type ProgramLauncherOptions } from './launcher-options.js';
import { oneCopy } from './one-copy.js';

/** Options of {@link JsrunLauncher}. `overrides` are arguments of `jsrun`: `'-c ALL_CPUS -g ALL_GPUS'`. */
export type JsrunLauncherOptions = ProgramLauncherOptions;

const SCHEMA = PROGRAM_LAUNCHER_OPTIONS satisfies SchemaOf<JsrunLauncherOptions>;

/**
 * Runs the copies on the nodes of an IBM Spectrum LSF job with `jsrun`, which takes the place of the job's shell. Each
 * copy is a resource set, `tasksPerNode` on each host. A resource set has one core unless `overrides` ask for more.
 */
export class JsrunLauncher implements Launcher {
  readonly label = 'jsrun';
  readonly carriesSecrets = true;
  readonly #overrides: readonly string[];

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: JsrunLauncherOptions = {}) {
    this.#overrides = checkOptions('JsrunLauncher', options, SCHEMA).overrides;
  }

  fragment({ command, tasksPerNode, nodesPerBlock }: LaunchRequest): string {
    const size = ['-n', String(tasksPerNode * nodesPerBlock), '-r', String(tasksPerNode), '-b', 'none'];
    return `exec jsrun ${shellCommand([...size, ...this.#overrides])} ${oneCopy(command)}\n`;
  }
}
