import { inspect } from 'node:util';

/** What reading an option's value gave: the value, or what it should have been. */
export type OptionReading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

/** One option of a schema: says what its value must be, and what it is when the user leaves it out. */
export interface Option<T> {
  /** The value must be …, in words that follow "must be": `an integer of at least 1`. */
  readonly expected: string;
  /** Whether leaving it out is an error. */
  readonly required: boolean;
  /** Its value when it is left out and not required. */
  readonly absent: T | undefined;
  /** Reads a value that is not `undefined`. */
  read(value: unknown): OptionReading<T>;
}

/** What happens when an option is left out: a default, an error, or `undefined` when nothing is said. */
export interface Presence<T> {
  /** The value when it is left out. */
  readonly default?: T;
  /** Leaving it out is an error. */
  readonly required?: true;
}

/** Type of an option's checked value. */
export type Present<T, P> = P extends { readonly default: T } | { readonly required: true }
  ? T
  : T | undefined;

/** Bounds of a number, both included. */
export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
}

/**
 * An option of any type, from a guard.
 *
 * @param expected what the value must be, in words that follow "must be"
 */
export function value<T, P extends Presence<T> = Presence<T>>(
  expected: string,
  is: (value: unknown) => value is T,
  presence?: P,
): Option<Present<T, P>>;
export function value<T>(
  expected: string,
  is: (value: unknown) => value is T,
  presence: Presence<T> = {},
): Option<T | undefined> {
  return {
    expected,
    required: presence.required === true,
    absent: presence.default,
    read: (given) => (is(given) ? { ok: true, value: given } : { ok: false, expected }),
  };
}

/** A whole number within bounds. */
export function integer<P extends NumberRule & Presence<number>>(rule?: P): Option<Present<number, P>> {
  const within = isWithin(rule);
  return value(
    `an integer${boundsInWords(rule)}`,
    (given): given is number => within(given) && Number.isSafeInteger(given),
    rule,
  );
}

/** A finite number within bounds. */
export function number<P extends NumberRule & Presence<number>>(rule?: P): Option<Present<number, P>> {
  return value(`a number${boundsInWords(rule)}`, isWithin(rule), rule);
}

/** `true` or `false`. */
export function boolean<P extends Presence<boolean>>(rule?: P): Option<Present<boolean, P>> {
  return value('true or false', (given) => typeof given === 'boolean', rule);
}

/** A text. With `notEmpty`, one that has other characters than white space. */
export function string<P extends Presence<string> & { readonly notEmpty?: boolean }>(
  rule?: P,
): Option<Present<string, P>> {
  const notEmpty = rule?.notEmpty === true;
  return value(
    notEmpty ? 'a string that is not empty' : 'a string',
    (given): given is string => typeof given === 'string' && !(notEmpty && given.trim() === ''),
    rule,
  );
}

/** One of a few texts. */
export function oneOf<const V extends string, P extends Presence<V>>(
  values: readonly V[],
  rule?: P,
): Option<Present<V, P>> {
  return value(
    `one of ${values.map((each) => inspect(each)).join(', ')}`,
    (given): given is V => values.some((each) => each === given),
    rule,
  );
}

/** An array of which every element is as `element` says. */
export function list<T, P extends Presence<readonly T[]>>(
  element: Option<T | undefined>,
  rule?: P,
): Option<Present<readonly T[], P>> {
  return value(
    `an array in which each element is ${element.expected}`,
    (given): given is readonly T[] => Array.isArray(given) && given.every((each) => element.read(each).ok),
    rule,
  );
}

/** A function. `F` is what it is taken for: its parameters cannot be checked. */
export function callable<F extends (...args: never[]) => unknown, P extends Presence<F> = Presence<F>>(
  rule?: P,
): Option<Present<F, P>> {
  return value<F, P>('a function', (given): given is F => typeof given === 'function', rule);
}

/** An option that may be of either of two kinds. Takes its default from `presence`, not from the two. */
export function either<A, B, P extends Presence<A | B> = Presence<A | B>>(
  first: Option<A | undefined>,
  second: Option<B | undefined>,
  presence?: P,
): Option<Present<A | B, P>> {
  return value(
    `${first.expected}, or ${second.expected}`,
    (given): given is A | B => first.read(given).ok || second.read(given).ok,
    presence,
  );
}

/** How long a batch job may run, `HH:MM:SS`, as schedulers write it; more than zero. */
export function walltime<P extends Presence<string>>(rule?: P): Option<Present<string, P>> {
  return value(
    "a walltime 'HH:MM:SS' of more than zero, such as '01:30:00'",
    (given): given is string =>
      typeof given === 'string' && /^\d{1,4}:[0-5]\d:[0-5]\d$/.test(given) && /[1-9]/.test(given),
    rule,
  );
}

/** One word of a scheduler's: it goes into a directive of a job script as it is. */
export function word<P extends Presence<string>>(rule?: P): Option<Present<string, P>> {
  return value(
    'one word, without blanks, quotes or control characters',
    (given): given is string => typeof given === 'string' && /^[^\s'"`\\\p{Cc}]+$/u.test(given),
    rule,
  );
}

/** What {@link directives} is told. */
export interface DirectiveRule extends Presence<string> {
  /**
   * What lines for other programs begin with that find them in a job script by way of the scheduler: `#DW`. They are kept
   * as they are.
   *
   * @default []
   */
  readonly others?: readonly string[];
  /**
   * Options that are refused because they make an array of several jobs of one: `-J`. Its parts would have the same output
   * files, and the scheduler does not tell how it ended as a whole.
   *
   * @default []
   */
  readonly arrays?: readonly string[];
}

/**
 * Lines for a scheduler in a job script. Reads as one directive a line, each beginning with `prefix`, without empty lines
 * and comments; a line may be written without the prefix.
 *
 * @param prefix what a directive begins with: `#SBATCH`
 */
export function directives<P extends DirectiveRule>(prefix: string, rule?: P): Option<Present<string, P>>;
export function directives(prefix: string, rule: DirectiveRule = {}): Option<string | undefined> {
  const { others = [], arrays = [] } = rule;
  const beginnings = [`'${prefix} -'`, ...others.map((other) => `'${other} '`), "'-'"].join(' or ');
  const expected = `lines that each begin with ${beginnings}, or comments; what a shell is to run goes into 'workerInit'`;
  return {
    expected,
    required: rule.required === true,
    absent: rule.default,
    read: (given) => {
      const lines = typeof given === 'string' ? directiveLines(given, prefix, others) : [undefined];
      const read = lines.filter((line) => line !== undefined);
      if (read.length < lines.length) {
        return { ok: false, expected };
      }
      const array = arrays.find((option) => read.some((line) => hasOption(line, option)));
      return array === undefined
        ? { ok: true, value: read.join('\n') }
        : { ok: false, expected: withoutArrays(array) };
    },
  };
}

/** The directives of a text; `undefined` for each line that is none. */
function directiveLines(
  text: string,
  prefix: string,
  others: readonly string[],
): readonly (string | undefined)[] {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  return lines.flatMap((line) => {
    if (others.includes(line.split(/\s/, 1)[0] ?? '')) {
      return [line];
    }
    const isOwn = line.startsWith(prefix);
    const option = isOwn ? line.slice(prefix.length).trimStart() : line;
    if (option.startsWith('-')) {
      return [`${prefix} ${option}`];
    }
    return line === '' || (!isOwn && isComment(line)) ? [] : [undefined];
  });
}

/** Not a misspelt directive, nor one for another scheduler: `#PBS -q short`. */
function isComment(line: string): boolean {
  return line.startsWith('#') && !/^#[A-Z$]+\s+-\S/.test(line);
}

function withoutArrays(option: string): string {
  return `lines without '${option}' (a block is one job, and 'maxBlocks' says how many there may be)`;
}

/** Whether a directive has an option of one letter: `#PBS -r y -J 0-2`. What stands in quotes is an argument. */
function hasOption(directive: string, option: string): boolean {
  const unquoted = directive.replaceAll(/"[^"]*"|'[^']*'/g, '""');
  return unquoted
    .split(/\s+/)
    .some((word) => word.startsWith(option) && /^(?:\d|$)/.test(word.slice(option.length)));
}

/** A network port, 1 to 65535. */
export function port<P extends Presence<number>>(rule?: P): Option<Present<number, P>> {
  const within = isWithin({ min: 1, max: 65_535 });
  return value(
    'a port, 1 to 65535',
    (given): given is number => within(given) && Number.isInteger(given),
    rule,
  );
}

function isWithin({ min = -Infinity, max = Infinity }: NumberRule = {}): (given: unknown) => given is number {
  return (given): given is number =>
    typeof given === 'number' && Number.isFinite(given) && given >= min && given <= max;
}

function boundsInWords({ min, max }: NumberRule = {}): string {
  if (min !== undefined && max !== undefined) {
    return ` from ${String(min)} to ${String(max)}`;
  }
  if (min !== undefined) {
    return ` of at least ${String(min)}`;
  }
  return max === undefined ? '' : ` of at most ${String(max)}`;
}
