import { appendFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readCommandLine, usage, type Choice, type Command } from './command-line.js';
import { writeIntoDocs } from './docs.js';
import { guard, updateBaseline } from './guard/guard.js';
import { measures } from './measures/all.js';
import { planRepetition } from './plan.js';
import { earlierReport } from './earlier-report.js';
import { makeReport, type Failure, type Report } from './report.js';
import { prepareSubjects, runJobs } from './run-jobs.js';
import type { Sample } from './sample.js';
import { subjects } from './subjects/all.js';
import { formatReport } from './table.js';

const WORKERS = 2;
const everything: Choice = { subjects, measures };

try {
  await main(readCommandLine(process.argv.slice(2), everything));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(command: Command): Promise<void> {
  switch (command.do) {
    case 'help':
      return console.log(usage(everything));
    case 'guard':
    case 'update-baseline': {
      const work = command.do === 'guard' ? guard : updateBaseline;
      if (!(await work({ ...command, workers: WORKERS }))) process.exitCode = 1;
      return;
    }
    case 'run': {
      const json = command.json === undefined ? undefined : userPath(command.json);
      // What cannot be written is known before all is measured, and not after that.
      if (json !== undefined) await appendFile(json, '');
      const report =
        command.from.length > 0
          ? await earlierReport(command, WORKERS, command.from.map(userPath))
          : await run(command);
      const text = formatReport(report, command.subjects, command.measures);
      console.log(text);
      if (json !== undefined) await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
      if (command.docs) await writeIntoDocs(text);
    }
  }
}

/** Measures everything that was chosen. */
async function run({ subjects, measures, repetitions }: Choice & { repetitions: number }): Promise<Report> {
  const absent = await prepareSubjects(subjects);
  const present = subjects.filter(({ name }) => !absent.some(({ subject }) => subject === name));
  const samples: Sample[] = [];
  const failures: Failure[] = [];
  // Interleaved, so that a slow minute of the machine hits every subject.
  for (let number = 1; number <= repetitions; number += 1) {
    const jobs = planRepetition(present, measures, number);
    const outcome = await runJobs(jobs, { number, of: repetitions }, WORKERS);
    samples.push(...outcome.samples);
    failures.push(...outcome.failures);
  }
  if (failures.length > 0) process.exitCode = 1;
  return makeReport(subjects, measures, WORKERS, samples, absent, failures);
}

/** A path as the user means it: npm runs this in another directory. */
function userPath(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}
