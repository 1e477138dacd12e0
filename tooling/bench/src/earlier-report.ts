import { readFile } from 'node:fs/promises';
import type { Choice } from './command-line.js';
import { makeReport, type Report } from './report.js';

/** Some were written before reports told of failures. */
type EarlierReport = Omit<Report, 'failures'> & Partial<Pick<Report, 'failures'>>;

/**
 * Puts earlier runs together, with different subjects or measures. When and where they ran is what the last of them says.
 *
 * @param files made by `--json`; at least one
 * @throws Error that names the file that cannot be read, or is of another machine than the others
 */
export async function earlierReport(
  { subjects, measures }: Choice,
  workers: number,
  files: readonly string[],
): Promise<Report> {
  const reports: EarlierReport[] = [];
  for (const file of files) {
    const report = await readReport(file);
    const [first] = reports;
    if (first !== undefined && placeOf(first) !== placeOf(report)) {
      throw new Error(`--from ${file}: it ran on ${placeOf(report)}, and the first on ${placeOf(first)}`);
    }
    reports.push(report);
  }
  const samples = reports.flatMap((report) => report.samples);
  const absent = reports.flatMap((report) => report.absent);
  const failures = reports.flatMap((report) => report.failures ?? []);
  const made = makeReport(subjects, measures, workers, samples, absent, failures);
  const last = reports.reduce((one, other) => (other.date > one.date ? other : one));
  const { date, node, cpu, cores } = last;
  return { ...made, ...{ date, node, cpu, cores } };
}

function placeOf({ cpu, cores, node }: EarlierReport): string {
  return `${cpu}, ${cores} cores, Node.js ${node}`;
}

async function readReport(file: string): Promise<EarlierReport> {
  let report: unknown;
  try {
    report = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new Error(`--from ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  if (isReport(report)) return report;
  throw new Error(`--from ${file}: it is no report; make one with --json`);
}

function isReport(value: unknown): value is EarlierReport {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['date', 'node', 'cpu'].every((name) => typeof Reflect.get(value, name) === 'string') &&
    ['samples', 'absent'].every((name) => Array.isArray(Reflect.get(value, name)))
  );
}
