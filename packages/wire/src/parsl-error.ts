/** Options of every {@link ParslError}. */
export interface ParslErrorOptions {
  /** What led to it. */
  readonly cause?: unknown;
}

/**
 * Root of the errors of this system. `code` is stable across versions and starts with `PARSL_`; match on it where
 * `instanceof` is in doubt (two copies of a package in one process).
 */
export class ParslError extends Error {
  /** Stable identifier, `PARSL_…`. */
  readonly code: string;

  constructor(code: string, message: string, options: ParslErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    // Not an own property, so that it does not show up among the error's data fields.
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
  }
}
