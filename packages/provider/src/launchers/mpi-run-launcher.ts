import { checkOptions, type SchemaOf } from '../check-options.js';
import type { Launcher, LaunchRequest } from '../launcher.js';
import { PROGRAM_LAUNCHER_OPTIONS, type ProgramLauncherOptions } from './launcher-options.js';
import { mpiFragment } from './mpi-fragment.js';

/** Options of {@link MpiRunLauncher}. `overrides` are arguments of `mpirun`. */
export type MpiRunLauncherOptions = ProgramLauncherOptions;

const SCHEMA = PROGRAM_LAUNCHER_OPTIONS satisfies SchemaOf<MpiRunLauncherOptions>;

/**
 * Runs the copies on the nodes of the block with `mpirun`: Open MPI's, MPICH's, or Intel's. A copy that fails leaves the
 * others alone; the job fails if any does, with the exit code of the first that failed.
 */
export class MpiRunLauncher implements Launcher {
  readonly label = 'mpirun';
  readonly carriesSecrets = true;
  readonly #overrides: readonly string[];

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: MpiRunLauncherOptions = {}) {
    this.#overrides = checkOptions('MpiRunLauncher', options, SCHEMA).overrides;
  }

  fragment(request: LaunchRequest): string {
    return mpiFragment({ program: 'mpirun', bindOption: '--bind-to', overrides: this.#overrides }, request);
  }
}
