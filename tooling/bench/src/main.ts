import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measures } from './measures/all.js';
import { makeReport, type Sample } from './report.js';
import { subjects } from './subjects/all.js';
import { formatTable } from './table.js';
import { takeSample } from './take-sample.js';

const WORKERS = 2;

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    repetitions: { type: 'string', default: '5' },
    subject: { type: 'string', multiple: true },
    measure: { type: 'string', multiple: true },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  console.log(`Usage: npm run bench -- [--json FILE] [--repetitions N] [--subject NAME]… [--measure NAME]…
Subjects: ${subjects.map(({ name }) => name).join(', ')}
Measures: ${measures.map(({ name }) => name).join(', ')}`);
} else {
  await main();
}

async function main(): Promise<void> {
  const repetitions = Number(options.repetitions);
  if (!Number.isInteger(repetitions) || repetitions < 1)
    throw new Error('--repetitions takes a number from 1 on');
  const chosenSubjects = choose(subjects, options.subject);
  const chosenMeasures = choose(measures, options.measure);

  const samples: Sample[] = [];
  // Interleaved, so that a slow minute of the machine hits every subject.
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    for (const measure of chosenMeasures) {
      for (const subject of chosenSubjects) {
        showState(`repetition ${repetition}/${repetitions}: ${measure.name} of ${subject.title}`);
        try {
          const values = await takeSample(subject, measure, WORKERS);
          samples.push({ subject: subject.name, measure: measure.name, values });
        } catch (error) {
          showState('');
          console.error(`${measure.name} of ${subject.title} failed: ${String(error)}`);
          process.exitCode = 1;
        }
      }
    }
  }
  showState('');

  const report = makeReport(chosenSubjects, chosenMeasures, WORKERS, samples);
  console.log(
    `Medians of ${repetitions} interleaved repetitions, each in a fresh process; in brackets, lowest to highest.`,
  );
  console.log(
    `Each subject has ${WORKERS} workers. Node.js ${report.node}, ${report.cores} cores, ${report.cpu}.\n`,
  );
  console.log(formatTable(report, chosenSubjects, chosenMeasures));
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

/** Says on a terminal what is being done, in one line that the next overwrites. */
function showState(state: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${state}`);
}
