import { checkOptions, type SchemaOf } from '../check-options.js';
import type { Launcher, LaunchRequest } from '../launcher.js';
import { string } from '../option-kinds.js';
import { PROGRAM_LAUNCHER_OPTIONS, type ProgramLauncherOptions } from './launcher-options.js';
import { mpiFragment } from './mpi-fragment.js';

/** Options of {@link MpiExecLauncher}. `overrides` are arguments of `mpiexec`. */
export interface MpiExecLauncherOptions extends ProgramLauncherOptions {
  /**
   * Name of the option that says what processes are bound to; it is given `none`. Cray's `mpiexec` (PALS) has
   * `'--cpu-bind'`.
   *
   * @default '--bind-to'
   */
  readonly bindOption?: string;
}

const SCHEMA = {
  ...PROGRAM_LAUNCHER_OPTIONS,
  bindOption: string({ default: '--bind-to', notEmpty: true }),
} satisfies SchemaOf<MpiExecLauncherOptions>;

/**
 * Runs the copies on the nodes of the block with `mpiexec`: MPICH's, Intel's, Cray's, or Open MPI's. A copy that fails
 * leaves the others alone; the job fails if any does, with the exit code of the first that failed.
 */
export class MpiExecLauncher implements Launcher {
  readonly label = 'mpiexec';
  readonly carriesSecrets = true;
  readonly #options: { readonly bindOption: string; readonly overrides: readonly string[] };

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: MpiExecLauncherOptions = {}) {
    this.#options = checkOptions('MpiExecLauncher', options, SCHEMA);
  }

  fragment(request: LaunchRequest): string {
    return mpiFragment({ program: 'mpiexec', ...this.#options }, request);
  }
}
