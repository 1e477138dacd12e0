import { inspect } from 'node:util';
import { ConfigurationError } from './configuration-error.js';
import type { Option } from './option-kinds.js';
import { nearestOption, removedOption } from './option-names.js';

/** The options that an object takes, by name. */
export type OptionSchema = Readonly<Record<string, Option<unknown>>>;

/** A schema that has an entry for every field of the options type `O`; use it with `satisfies`. */
export type SchemaOf<O> = { readonly [K in keyof O]-?: Option<O[K]> };

/** What {@link checkOptions} gives back: every option of the schema, with its default where it was left out. */
export type CheckedOptions<S extends OptionSchema> = {
  readonly [K in keyof S]: S[K] extends Option<infer T> ? T : never;
};

/**
 * Checks an options object against a schema, strictly: an option that the schema does not have is an error too.
 * `undefined` counts as left out, and so does an option found only on the prototype.
 *
 * @param owner what is being configured, for the messages: `LocalProvider`
 * @throws ConfigurationError for the first option at fault, naming it, what it must be and the nearest valid spelling
 */
export function checkOptions<const S extends OptionSchema>(
  owner: string,
  options: unknown,
  schema: S,
): CheckedOptions<S> {
  const given = entriesOf(owner, options);
  const unknown = [...given.keys()].find((name) => !Object.hasOwn(schema, name));
  if (unknown !== undefined) {
    throw unknownOption(owner, unknown, Object.keys(schema));
  }
  const checked = Object.entries(schema).map(([name, option]) => [
    name,
    readOption(owner, name, option, given.get(name)),
  ]);
  // The entries were read by the very schema that the type is computed from.
  return Object.fromEntries(checked) as CheckedOptions<S>;
}

function entriesOf(owner: string, options: unknown): Map<string, unknown> {
  if (options === undefined) {
    return new Map();
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError(`the options of ${owner} must be an object, not ${shown(options)}`, {
      owner,
    });
  }
  return new Map(Object.entries(options));
}

function readOption(owner: string, name: string, option: Option<unknown>, given: unknown): unknown {
  if (given === undefined) {
    if (option.required) {
      throw new ConfigurationError(`option '${name}' of ${owner} is missing; it must be ${option.expected}`, {
        owner,
        option: name,
      });
    }
    return option.absent;
  }
  const reading = option.read(given);
  if (!reading.ok) {
    throw new ConfigurationError(
      `option '${name}' of ${owner} must be ${reading.expected}, not ${shown(given)}`,
      { owner, option: name },
    );
  }
  return reading.value;
}

function unknownOption(owner: string, option: string, valid: readonly string[]): ConfigurationError {
  const removed = removedOption(option);
  if (removed !== undefined) {
    return new ConfigurationError(`option '${option}' of ${owner} does not exist: ${removed}`, {
      owner,
      option,
    });
  }
  const suggestion = nearestOption(option, valid);
  const hint =
    suggestion === undefined
      ? `the options are ${valid.join(', ')}`
      : `did you mean '${suggestion}'${suggestion.endsWith('Ms') ? ' (in milliseconds)' : ''}?`;
  return new ConfigurationError(`unknown option '${option}' of ${owner}; ${hint}`, {
    owner,
    option,
    suggestion,
  });
}

/** A value as a message shows it: on one line, and short however large it is. */
function shown(value: unknown): string {
  const text = inspect(value, { depth: 1, maxArrayLength: 5, maxStringLength: 60, breakLength: Infinity });
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
