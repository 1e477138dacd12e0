import { argumentsOf } from '../shell-words.js';

/** The options that launchers over another program have in common. */
export interface ProgramLauncherOptions {
  /**
   * More arguments for the program, before the command: an array of arguments, or a string of arguments as one writes
   * them in a shell, in which nothing is expanded.
   *
   * @default []
   */
  readonly overrides?: string | readonly string[];
}

/** Schema of {@link ProgramLauncherOptions}, to spread into a launcher's own schema. */
export const PROGRAM_LAUNCHER_OPTIONS = { overrides: argumentsOf({ default: [] }) };
