import { checkOptions, type SchemaOf } from '../check-options.js';
import { ConfigurationError } from '../configuration-error.js';
import { isLauncher, type Launcher, type LaunchRequest } from '../launcher.js';
import { value } from '../option-kinds.js';
import { shellCommand } from '../shell-quote.js';
import { argumentsOf } from '../shell-words.js';
import { oneCopy } from './one-copy.js';
import { SimpleLauncher } from './simple-launcher.js';

/** Options of {@link WrappedLauncher}. */
export interface WrappedLauncherOptions {
  /**
   * The program that runs the command, with its arguments: `'apptainer exec --bind /scratch node.sif'`. An array of words,
   * or a string of words as one writes them in a shell, in which nothing is expanded.
   */
  readonly prepend: string | readonly string[];
  /**
   * Starts the wrapped copies.
   *
   * @default new SimpleLauncher()
   */
  readonly launcher?: Launcher;
}

const SCHEMA = {
  prepend: argumentsOf({ required: true }),
  launcher: value<Launcher, { readonly default: Launcher }>('a Launcher', isLauncher, {
    default: new SimpleLauncher(),
  }),
} satisfies SchemaOf<WrappedLauncherOptions>;

/**
 * Has another program run the command: a container, a profiler, a limit. It has to hand on its environment, signals and
 * exit code; a container that starts with an empty environment must be told to pass `PARSL_SECRET`, by name.
 */
export class WrappedLauncher implements Launcher {
  readonly label: string;
  readonly carriesSecrets: boolean;
  readonly staysOnNode: boolean;
  readonly #prepend: readonly string[];
  readonly #launcher: Launcher;

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: WrappedLauncherOptions) {
    const { prepend, launcher } = checkOptions('WrappedLauncher', options, SCHEMA);
    if (prepend.length === 0) {
      throw new ConfigurationError("option 'prepend' of WrappedLauncher must name a program", {
        owner: 'WrappedLauncher',
        option: 'prepend',
      });
    }
    this.label = `wrapped-${launcher.label}`;
    this.carriesSecrets = launcher.carriesSecrets === true;
    this.staysOnNode = launcher.staysOnNode === true;
    this.#prepend = prepend;
    this.#launcher = launcher;
  }

  fragment(request: LaunchRequest): string {
    const command = `${shellCommand(this.#prepend)} ${oneCopy(request.command)}`;
    return this.#launcher.fragment({ ...request, command });
  }
}
