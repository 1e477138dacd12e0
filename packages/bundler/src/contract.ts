/** Where a function stands in the user's source. */
export interface SourceLocation {
  /** Absolute path or URL of the file, as a person would open it. */
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  /** Column, from 1. */
  readonly column: number;
}

/** A function as it travels: one ES module whose default export is the function. */
export interface CodeBundle {
  /** Lower-case hex SHA-256 of `code`: equal code has an equal id, in every run. */
  readonly id: string;
  /** Source of the ES module, UTF-8. Imports nothing but Node built-ins and what `external` named. */
  readonly code: string;
  /** Maps the lines of a stack that name this bundle (`…/{id}.mjs:line:column`) back to the user's source. */
  mapStack(stack: string): string;
}

/** How to find and pack a function. */
export interface BundleOptions {
  /** `import.meta.url` of the module that defines the function, when it cannot be found by looking (bundled programs). */
  readonly module?: string;
  /** Packages left out of the bundle; they must be installed where the workers run. @default [] */
  readonly external?: readonly string[];
}

/** Any function that can become an app. */
export type AnyFunction = (...args: never[]) => unknown;
