import type { Sample } from './sample.js';
import { spreadOf, summarize, type Summary } from './statistics.js';
import type { Subject } from './subject.js';

/** One figure of one subject. */
export interface FigureOf {
  readonly subject: string;
  readonly measure: string;
  readonly figure: string;
}

/** One figure as a share of another, of which nobody knows how fast the machine was. */
export interface Ratio {
  /** Names it in JSON. */
  readonly name: string;
  readonly title: string;
  readonly of: FigureOf;
  readonly to: FigureOf;
  readonly better: 'higher' | 'lower';
  /** It is measured by the guard and has its place in the baseline. */
  readonly guarded: boolean;
}

/** The same figure of two subjects. */
function compare(
  [measure, figure]: readonly [measure: string, figure: string],
  [subject, against]: readonly [subject: string, against: string],
  title: string,
  options: { readonly better?: 'lower'; readonly guarded?: true } = {},
): Ratio {
  return {
    name: `${measure}/${figure} ${subject} : ${against}`,
    title,
    of: { subject, measure, figure },
    to: { subject: against, measure, figure },
    better: options.better ?? 'higher',
    guarded: options.guarded ?? false,
  };
}

const rate = ['throughput', 'rate'] as const;
const guarded = true;
const better = 'lower';

export const ratios: readonly Ratio[] = [
  compare(rate, ['htex-plain', 'pipe-256'], 'no-op tasks, HTEX not encrypted : pipe', { guarded }),
  compare(rate, ['htex-plain-256', 'pipe-256'], 'the same, 256 ahead as the pipe has'),
  compare(rate, ['htex-plain-16', 'pipe-16'], 'no-op tasks, 16 ahead, HTEX not encrypted : pipe'),
  compare(rate, ['htex', 'pipe-256'], 'no-op tasks, HTEX : pipe', { guarded }),
  compare(rate, ['htex', 'htex-plain'], 'no-op tasks, HTEX : not encrypted'),
  compare(rate, ['threads', 'pipe-256'], 'no-op tasks, ThreadPoolExecutor : pipe', { guarded }),
  compare(rate, ['inline', 'pipe-256'], 'no-op tasks, InlineExecutor : pipe', { guarded }),
  compare(['latency', 'p50'], ['htex', 'pipe-256'], 'one at a time, p50, HTEX : pipe', { better, guarded }),
  compare(['first-result', 'time'], ['htex', 'pipe-256'], 'first result, HTEX : pipe', { better, guarded }),
  compare(['payload', 'in-1kB'], ['htex', 'pipe-256'], '1 kB arguments, HTEX : pipe', { guarded }),
  compare(['payload', 'in-1MB'], ['htex', 'pipe-256'], '1 MB arguments, HTEX : pipe', { guarded }),
  compare(['payload', 'out-1MB'], ['htex', 'pipe-256'], '1 MB results, HTEX : pipe', { guarded }),
  compare(rate, ['htex-plain', 'piscina-ahead'], 'no-op tasks, HTEX not encrypted : Piscina, 16 per thread'),
  compare(rate, ['htex-plain', 'parsl-htex'], 'no-op tasks, HTEX not encrypted : Parsl HTEX not encrypted'),
  compare(rate, ['htex', 'parsl-htex-encrypted'], 'no-op tasks, HTEX : Parsl HTEX'),
  compare(rate, ['htex', 'dask'], 'no-op tasks, HTEX : Dask'),
  compare(['dataflow', 'chain'], ['htex', 'parsl-htex-encrypted'], 'a chain, HTEX : Parsl HTEX'),
  compare(['dataflow', 'tree'], ['htex', 'parsl-htex-encrypted'], 'a tree, HTEX : Parsl HTEX'),
  compare(['payload', 'in-1MB'], ['htex', 'parsl-htex-encrypted'], '1 MB arguments, HTEX : Parsl HTEX'),
];

/** A ratio in each repetition that has both of its figures: what was measured close together goes together. */
export function ratioSamples(samples: readonly Sample[], { of, to }: Ratio): readonly number[] {
  return samples.flatMap((sample) => {
    const value = valueOf(sample, of);
    const other = samples.find(
      ({ subject, measure, repetition }) =>
        subject === to.subject && measure === to.measure && repetition === sample.repetition,
    );
    const against = other && valueOf(other, to);
    return value === undefined || against === undefined ? [] : [value / against];
  });
}

/** Ratios by their names, of those whose figures were measured. */
export function summarizeRatios(
  samples: readonly Sample[],
  wanted: readonly Ratio[],
): Readonly<Record<string, Summary>> {
  const found = wanted.flatMap((ratio) => {
    const values = ratioSamples(samples, ratio);
    return values.length === 0 ? [] : [[ratio.name, summarize(values)] as const];
  });
  return Object.fromEntries(found);
}

/** Such as `0.25 ±3%`. */
export function formatRatio(summary: Summary): string {
  return `${summary.median.toPrecision(2)} ±${Math.round(100 * spreadOf(summary))}%`;
}

function valueOf(sample: Sample, { subject, measure, figure }: FigureOf): number | undefined {
  return sample.subject === subject && sample.measure === measure ? sample.values[figure] : undefined;
}

/** The subjects that some ratios are about, with no other measures than these need. */
export function subjectsOf(wanted: readonly Ratio[], subjects: readonly Subject[]): readonly Subject[] {
  const figures = wanted.flatMap(({ of, to }) => [of, to]);
  return subjects
    .map((subject) => {
      const own = figures.filter((figure) => figure.subject === subject.name).map(({ measure }) => measure);
      return { ...subject, measures: [...new Set(own)] };
    })
    .filter(({ measures }) => measures.length > 0);
}
