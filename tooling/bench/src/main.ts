import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { guard, updateBaseline } from './guard/guard.js';
import { measures } from './measures/all.js';
import { planRepetition } from './plan.js';
import { makeReport, type Sample } from './report.js';
import { prepareSubjects, runJobs } from './run-jobs.js';
import { subjects } from './subjects/all.js';
import { formatReport } from './table.js';

const WORKERS = 2;

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    repetitions: { type: 'string' },
    quick: { type: 'boolean', default: false },
    guard: { type: 'boolean', default: false },
    'update-baseline': { type: 'boolean', default: false },
    subject: { type: 'string', multiple: true },
    measure: { type: 'string', multiple: true },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  console.log(`Usage: npm run bench -- [--json FILE] [--repetitions N] [--quick] [--subject NAME]… [--measure NAME]…
       npm run bench -- --guard | --update-baseline
  --quick            one repetition, without the measures that take long
  --guard            ratios to the bare pipe, beside the baseline in tooling/bench/baseline.json
  --update-baseline  makes them the baseline
Subjects: ${subjects.map(({ name }) => name).join(', ')}
Measures: ${measures.map(({ name, long }) => (long === true ? `${name} (long)` : name)).join(', ')}`);
} else if (options['update-baseline']) {
  await check(updateBaseline({ subjects, measures, workers: WORKERS, repetitions: repetitionsOr(5) }));
} else if (options.guard) {
  await check(guard({ subjects, measures, workers: WORKERS, repetitions: repetitionsOr(3) }));
} else {
  await main();
}

async function check(everythingMeasured: Promise<boolean>): Promise<void> {
  if (!(await everythingMeasured)) process.exitCode = 1;
}

function repetitionsOr(usual: number): number {
  const repetitions = Number(options.repetitions ?? usual);
  if (!Number.isInteger(repetitions) || repetitions < 1)
    throw new Error('--repetitions takes a number from 1 on');
  return repetitions;
}

async function main(): Promise<void> {
  const repetitions = repetitionsOr(options.quick ? 1 : 3);
  const chosenSubjects = choose(subjects, options.subject);
  const chosenMeasures = choose(measures, options.measure).filter(
    ({ long }) => !options.quick || long !== true,
  );

  const absent = await prepareSubjects(chosenSubjects);
  const present = chosenSubjects.filter(({ name }) => !absent.some(({ subject }) => subject === name));
  const samples: Sample[] = [];
  // Interleaved, so that a slow minute of the machine hits every subject.
  for (let number = 1; number <= repetitions; number += 1) {
    const jobs = planRepetition(present, chosenMeasures, number);
    const outcome = await runJobs(jobs, { number, of: repetitions }, WORKERS);
    samples.push(...outcome.samples);
    if (outcome.failures.length > 0) process.exitCode = 1;
  }

  const report = makeReport(chosenSubjects, chosenMeasures, WORKERS, samples, absent);
  console.log(
    `Medians of ${repetitions} interleaved repetitions, each in a fresh process, and half the spread in %.`,
  );
  console.log(
    `Each subject has ${WORKERS} workers. Node.js ${report.node}, ${report.cores} cores, ${report.cpu}.\n`,
  );
  console.log(formatReport(report, chosenSubjects, chosenMeasures));
  if (options.json !== undefined) {
    const file = resolve(process.env['INIT_CWD'] ?? process.cwd(), options.json);
    await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
  }
}

/** What is named, or everything. */
function choose<T extends { readonly name: string }>(
  all: readonly T[],
  names: readonly string[] = [],
): readonly T[] {
  const unknown = names.find((wanted) => !all.some(({ name }) => name === wanted));
  if (unknown !== undefined) {
    throw new Error(`There is no '${unknown}'; there are: ${all.map(({ name }) => name).join(', ')}`);
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}
