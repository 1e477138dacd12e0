import type { Job } from './plan.js';
import type { Absence, Failure } from './report.js';
import type { Sample } from './sample.js';
import type { Subject } from './subject.js';
import { takeSamples } from './take-samples.js';

/** What came of jobs. */
export interface Outcome {
  readonly samples: readonly Sample[];
  readonly failures: readonly Failure[];
}

/** Runs jobs one after the other and says on a terminal which. */
export async function runJobs(
  jobs: readonly Job[],
  repetition: { readonly number: number; readonly of: number },
  workers: number,
): Promise<Outcome> {
  const samples: Sample[] = [];
  const failures: Failure[] = [];
  for (const { subject, measures } of jobs) {
    const names = measures.map(({ name }) => name);
    const what = `${names.join(', ')} of ${subject.title.trim()}`;
    showState(`repetition ${repetition.number}/${repetition.of}: ${what}`);
    const { lines, error } = await takeSamples(subject.command(names, workers), measures);
    for (const line of lines) samples.push({ ...line, subject: subject.name, repetition: repetition.number });
    if (error !== undefined) {
      showState('');
      failures.push({
        ...{ subject: subject.name, measures: names },
        ...{ repetition: repetition.number, reason: error },
      });
      console.error(`${what} failed: ${error}`);
    }
  }
  showState('');
  return { samples, failures };
}

/** Makes subjects ready. Says which of them cannot be measured here, and why. */
export async function prepareSubjects(subjects: readonly Subject[]): Promise<readonly Absence[]> {
  const absent: Absence[] = [];
  for (const { name, title, prepare } of subjects) {
    if (prepare === undefined) continue;
    showState(`preparing ${title}`);
    const reason = await prepare();
    showState('');
    if (reason === undefined) continue;
    absent.push({ subject: name, reason });
    console.error(`${title} is left out: ${reason}`);
  }
  return absent;
}

/** In one line, which the next overwrites. */
function showState(state: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${state.slice(0, process.stderr.columns - 1)}`);
}
