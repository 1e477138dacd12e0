/** What `parsl-ts` exits with when it does not end by a signal. */
export const ExitCode = {
  done: 0,
  /** Something went wrong that the command line and the configuration are not to blame for. */
  failed: 1,
  /** Options or a configuration that make no sense. */
  usage: 2,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Why a command ends early, in words for the person at the terminal. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}
