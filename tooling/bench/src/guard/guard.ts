import type { Measure } from '../measure.js';
import { planRepetition } from '../plan.js';
import { formatRatio, ratios, subjectsOf, summarizeRatios } from '../ratios.js';
import { thisMachine } from '../report.js';
import type { Sample } from '../sample.js';
import { runJobs } from '../run-jobs.js';
import type { Summary } from '../statistics.js';
import type { Subject } from '../subject.js';
import { align } from '../table.js';
import { readBaseline, writeBaseline, type Baseline } from './baseline.js';
import { compareRatio, type Comparison } from './compare.js';

const GUARDED = ratios.filter(({ guarded }) => guarded);

/** What the guard measures with. */
export interface GuardSetup {
  readonly subjects: readonly Subject[];
  readonly measures: readonly Measure[];
  readonly workers: number;
  readonly repetitions: number;
}

/**
 * Measures the ratios of the baseline and prints both side by side, with a warning where one is clearly worse.
 *
 * @returns whether everything could be measured; how fast it was does not matter
 */
export async function guard(setup: GuardSetup): Promise<boolean> {
  const baseline = await readBaseline();
  const { found, ok } = await measureRatios(setup);
  const compared = GUARDED.flatMap((ratio) => {
    const now = found[ratio.name];
    return now === undefined ? [] : [compareRatio(ratio, now, baseline.ratios[ratio.name])];
  });
  console.log(formatComparison(compared, baseline));
  return ok;
}

/**
 * Measures the ratios and makes them the baseline, unless something could not be measured.
 *
 * @returns whether everything could be measured
 */
export async function updateBaseline(setup: GuardSetup): Promise<boolean> {
  const { found, ok } = await measureRatios(setup);
  if (ok) {
    const date = new Date().toISOString();
    await writeBaseline({ date, ...thisMachine(), ratios: found });
  }
  return ok;
}

async function measureRatios(
  setup: GuardSetup,
): Promise<{ found: Readonly<Record<string, Summary>>; ok: boolean }> {
  const { measures, workers, repetitions } = setup;
  const subjects = subjectsOf(GUARDED, setup.subjects);
  const samples: Sample[] = [];
  let ok = true;
  for (let number = 1; number <= repetitions; number += 1) {
    const jobs = planRepetition(subjects, measures, number);
    const outcome = await runJobs(jobs, { number, of: repetitions }, workers);
    samples.push(...outcome.samples);
    ok &&= outcome.failures.length === 0;
  }
  return { found: summarizeRatios(samples, GUARDED), ok };
}

export function formatComparison(compared: readonly Comparison[], baseline: Baseline): string {
  const rows = compared.map(({ ratio, now, before, gain, worse }) => [
    `  ${ratio.title}`,
    formatRatio(now),
    before === undefined ? '–' : formatRatio(before),
    before === undefined ? 'new' : `${gain < 0 ? '−' : '+'}${Math.abs(Math.round(100 * gain))}%`,
    worse ? 'worse' : '',
  ]);
  const worse = compared.filter((each) => each.worse);
  const where = `${baseline.date.slice(0, 10)}, Node.js ${baseline.node}, ${baseline.cores} cores`;
  return [
    `Ratios to the bare pipe, beside the baseline (${where})`,
    ...align([['', 'now', 'baseline', 'better by', ''], ...rows]),
    ...(worse.length === 0
      ? []
      : [
          '',
          `Warning: clearly worse than the baseline: ${worse.map(({ ratio }) => ratio.title).join('; ')}`,
        ]),
  ].join('\n');
}
