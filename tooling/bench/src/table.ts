import type { Figure, Measure } from './measure.js';
import type { Report, Result } from './report.js';
import type { Subject } from './subject.js';

/** A report for people: a line for each figure, a column for each subject, each with the median and the spread. */
export function formatTable(
  report: Report,
  subjects: readonly Subject[],
  measures: readonly Measure[],
): string {
  const rows = measures.flatMap((measure) =>
    measure.figures.map((figure) => [
      `${figure.title}, ${figure.unit}`,
      ...subjects.map(({ name }) => formatResult(find(report, name, measure, figure), figure)),
    ]),
  );
  const table = [['', ...subjects.map(({ title }) => title)], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = table.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    ),
  );
  return lines.map((cells) => cells.join('   ').trimEnd()).join('\n');
}

function find(report: Report, subject: string, measure: Measure, figure: Figure): Result | undefined {
  return report.results.find(
    (result) =>
      result.subject === subject && result.measure === measure.name && result.figure === figure.name,
  );
}

function formatResult(result: Result | undefined, { digits }: Figure): string {
  if (result === undefined) return 'failed';
  const format = (value: number): string =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${format(result.median)} (${format(result.min)}–${format(result.max)})`;
}
