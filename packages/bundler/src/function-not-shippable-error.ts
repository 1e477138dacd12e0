import type { SourceLocation } from './contract.js';

/**
 * What stands in the way of shipping a function:
 *
 * - `captured-variable`: it reads a local variable of an enclosing function or block.
 * - `assigned-variable`: it assigns a variable of its module.
 * - `mutable-variable`: it reads a variable of its module that other code reassigns.
 * - `receiver`: it uses `this`, `super` or a private name.
 * - `native-function`, `bound-function`, `class`: not a function with a source of its own.
 * - `native-addon`: a package it needs loads compiled code.
 * - `top-level-await`: a constant it needs is the result of an `await` at the top level.
 * - `client-only`: it uses a part of `@parsl-ts` that works in the submitting process only.
 * - `main-script`: a module it needs imports the program's main script, which would run again.
 * - `dynamic-import`: an `import()` or `require()` whose target is not known before it runs.
 * - `module-path`: it depends on where its module lies (`import.meta`, `__dirname`).
 * - `program-arguments`: it reads `process.argv`, which on a worker is another one.
 * - `eval`: it calls `eval` directly.
 * - `global`: it reads a global that the program added.
 * - `unresolved-import`: an import leads nowhere.
 * - `missing-export`: the module has no such export.
 * - `not-found`: the source of the function was not found.
 * - `build`: the bundler failed otherwise.
 */
export type ShippingProblemKind =
  | 'captured-variable'
  | 'assigned-variable'
  | 'mutable-variable'
  | 'receiver'
  | 'native-function'
  | 'bound-function'
  | 'class'
  | 'native-addon'
  | 'top-level-await'
  | 'client-only'
  | 'main-script'
  | 'dynamic-import'
  | 'module-path'
  | 'program-arguments'
  | 'eval'
  | 'global'
  | 'unresolved-import'
  | 'missing-export'
  | 'not-found'
  | 'build';

/** One reason why a function cannot be shipped. */
export interface ShippingProblem {
  readonly kind: ShippingProblemKind;
  /** The variable, package, import or export it is about. */
  readonly name: string;
  /** What is wrong, as the rest of a sentence that starts with "it". */
  readonly detail: string;
  /** Where it shows in the user's source. */
  readonly place: SourceLocation | undefined;
  /** What the user can do about it, one sentence. */
  readonly remedy: string;
}

/** Data of a {@link FunctionNotShippableError}. */
export interface FunctionNotShippableOptions {
  /** Name of the function, or of the export. */
  readonly functionName: string;
  /** Where the function stands; `undefined` where that is unknown. */
  readonly location: SourceLocation | undefined;
  readonly problems: readonly ShippingProblem[];
  readonly cause?: unknown;
}

/**
 * A function cannot run in another process. Nothing of it was shipped, and it will be refused again until its source
 * changes. `code` is `PARSL_FUNCTION_NOT_SHIPPABLE`; {@link problems} says why, each with a place and a remedy.
 */
export class FunctionNotShippableError extends Error {
  /** Stable identifier. */
  readonly code = 'PARSL_FUNCTION_NOT_SHIPPABLE';
  /** Name of the function, `(anonymous)` where it has none. */
  readonly functionName: string;
  /** Where the function stands; `undefined` where that is unknown. */
  readonly location: SourceLocation | undefined;
  /** At least one. */
  readonly problems: readonly ShippingProblem[];

  constructor(options: FunctionNotShippableOptions) {
    super(describe(options), 'cause' in options ? { cause: options.cause } : undefined);
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
    this.functionName = nameOrAnonymous(options.functionName);
    this.location = options.location;
    this.problems = options.problems;
  }
}

/** `file:line:column`, as terminals and editors open it. */
export function formatLocation({ file, line, column }: SourceLocation): string {
  return `${file}:${line}:${column}`;
}

function nameOrAnonymous(name: string): string {
  return name === '' ? '(anonymous)' : name;
}

function describe({ functionName, location, problems }: FunctionNotShippableOptions): string {
  const what = functionName === '' ? 'The function' : `The function '${functionName}'`;
  const where = location === undefined ? '' : ` at ${formatLocation(location)}`;
  const lines = problems.map(({ detail, place, remedy }) => {
    const at = place === undefined ? '' : ` (${formatLocation(place)})`;
    return `it ${detail}${at}. ${remedy}`;
  });
  const reasons = lines.length === 1 ? ` ${lines[0] ?? ''}` : lines.map((line) => `\n  - ${line}`).join('');
  return `${what}${where} cannot be sent to workers:${reasons}`;
}
