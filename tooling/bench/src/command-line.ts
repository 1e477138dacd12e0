import { parseArgs } from 'node:util';
import type { Measure } from './measure.js';
import type { Subject } from './subject.js';

/** What there is to choose from. */
export interface Choice {
  readonly subjects: readonly Subject[];
  readonly measures: readonly Measure[];
}

/** What `npm run bench` was asked to do. */
export type Command =
  | { readonly do: 'help' }
  | ({ readonly do: (typeof GUARDS)[number][0]; readonly repetitions: number } & Choice)
  | ({
      readonly do: 'run';
      readonly repetitions: number;
      /** Files of earlier runs to be reported instead of a new one. */
      readonly from: readonly string[];
      /** File that takes the report as JSON. */
      readonly json: string | undefined;
      /** Whether the tables go into the documentation. */
      readonly docs: boolean;
    } & Choice);

const OPTIONS = {
  json: { type: 'string' },
  from: { type: 'string', multiple: true },
  docs: { type: 'boolean', default: false },
  repetitions: { type: 'string' },
  quick: { type: 'boolean', default: false },
  guard: { type: 'boolean', default: false },
  'update-baseline': { type: 'boolean', default: false },
  subject: { type: 'string', multiple: true },
  measure: { type: 'string', multiple: true },
  help: { type: 'boolean', default: false },
} as const;

/** What measures ratios for the baseline, and how often it does so unless told otherwise. */
const GUARDS = [
  ['guard', 3],
  ['update-baseline', 5],
] as const;

/** @throws Error that says what is wrong with the arguments */
export function readCommandLine(args: readonly string[], all: Choice): Command {
  const { values: options } = parseArgs({ args: [...args], options: OPTIONS });
  if (options.help) return { do: 'help' };
  for (const [mode, usual] of GUARDS) {
    if (!options[mode]) continue;
    refuseBeside(mode, ['repetitions'], options);
    return { do: mode, repetitions: count(options.repetitions, usual), ...all };
  }
  if (options.from !== undefined) refuseBeside('from', ['json', 'docs', 'subject', 'measure'], options);
  const measures = choose('measure', all.measures, options.measure);
  return {
    do: 'run',
    repetitions: count(options.repetitions, options.quick ? 1 : 3),
    from: options.from ?? [],
    json: options.json,
    docs: options.docs,
    subjects: choose('subject', all.subjects, options.subject),
    measures: options.quick ? measures.filter(({ long }) => long !== true) : measures,
  };
}

export function usage({ subjects, measures }: Choice): string {
  return `Usage: npm run bench -- [--repetitions N] [--quick] [--subject NAME]… [--measure NAME]… [--json FILE]
       npm run bench -- --from FILE… [--docs]
       npm run bench -- --guard | --update-baseline
  --quick            one repetition, without the measures that take long
  --json FILE        writes everything to a file as well
  --from FILE        reports runs that were written so, together, instead of a new one
  --docs             puts the tables into docs/performance.md as well
  --guard            ratios to the bare pipe, beside the baseline in tooling/bench/baseline.json
  --update-baseline  makes them the baseline
Subjects: ${subjects.map(({ name }) => name).join(', ')}
Measures: ${measures.map(({ name, long }) => (long === true ? `${name} (long)` : name)).join(', ')}`;
}

function count(given: string | undefined, usual: number): number {
  const repetitions = Number(given ?? usual);
  if (!Number.isInteger(repetitions) || repetitions < 1)
    throw new Error(`--repetitions takes a whole number from 1 on, not '${given}'`);
  return repetitions;
}

/** What would be given for nothing is refused: whoever asks for it waits for minutes. */
function refuseBeside(
  mode: string,
  allowed: readonly string[],
  given: Readonly<Record<string, unknown>>,
): void {
  const idle = Object.keys(given).find(
    (name) => name !== mode && given[name] !== false && !allowed.includes(name),
  );
  if (idle !== undefined) throw new Error(`--${idle} makes no difference beside --${mode}; leave it out`);
}

/** What is named, or everything. */
function choose<T extends { readonly name: string }>(
  option: string,
  all: readonly T[],
  names: readonly string[] = [],
): readonly T[] {
  const unknown = names.find((wanted) => !all.some(({ name }) => name === wanted));
  if (unknown !== undefined) {
    throw new Error(
      `--${option} ${unknown}: there is none; there are: ${all.map(({ name }) => name).join(', ')}`,
    );
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}
