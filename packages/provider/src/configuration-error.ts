/** Data of a {@link ConfigurationError}. */
export interface ConfigurationErrorOptions {
  /** What was being configured: `LocalProvider`, `load()`. */
  readonly owner?: string;
  /** The option at fault, as the user wrote it. */
  readonly option?: string;
  /** The option that was probably meant. */
  readonly suggestion?: string | undefined;
  /** What led to it. */
  readonly cause?: unknown;
}

/**
 * A configuration cannot be used: an option is unknown or removed, or has a value that it cannot have. Thrown before
 * anything is started; trying again without a change gives the same error.
 */
export class ConfigurationError extends Error {
  /** Stable identifier, `PARSL_CONFIGURATION`. */
  readonly code = 'PARSL_CONFIGURATION';
  /** What was being configured. */
  readonly owner: string | undefined;
  /** The option at fault, as the user wrote it; `undefined` when it is not about one option. */
  readonly option: string | undefined;
  /** The option that was probably meant, if there is one. */
  readonly suggestion: string | undefined;

  constructor(message: string, options: ConfigurationErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
    this.owner = options.owner;
    this.option = options.option;
    this.suggestion = options.suggestion;
  }
}
