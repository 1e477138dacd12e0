import type { Figure, FigureGroup, Measure } from './measure.js';
import { formatRatio, ratios } from './ratios.js';
import type { Report, Result } from './report.js';
import { spreadOf } from './statistics.js';
import type { Subject } from './subject.js';

/** Columns of a terminal that a table keeps within. */
const WIDTH = 100;
const GAP = 3;

/**
 * A report for people: a table for each group of figures, with a line for each subject and a column for each figure, each
 * with its median and spread.
 */
export function formatReport(
  report: Report,
  subjects: readonly Subject[],
  measures: readonly Measure[],
): string {
  const groups = measures.flatMap((measure) =>
    measure.groups.flatMap((group) => formatGroup(report, subjects, measure, group) ?? []),
  );
  return [formatHead(report), ...groups, ...formatRatios(report)].join('\n\n');
}

function formatHead({ samples, workers, node, cores, cpu, date, absent }: Report): string {
  const repetitions = Math.max(0, ...samples.map(({ repetition }) => repetition));
  return [
    `Medians of up to ${repetitions} interleaved repetitions, each in a fresh process; ± half the spread.`,
    `Each subject has ${workers} workers. ${date.slice(0, 10)}, Node.js ${node}, ${cores} cores, ${cpu}.`,
    ...absent.flatMap(({ subject, reason }) => wrap(`Left out: ${subject}, since ${reason}`)),
  ].join('\n');
}

function formatRatios(report: Report): string[] {
  const rows = ratios.flatMap(({ name, title }) => {
    const summary = report.ratios[name];
    return summary === undefined ? [] : [[`  ${title}`, formatRatio(summary)]];
  });
  return rows.length === 0 ? [] : [['Ratios, within each repetition', ...align(rows)].join('\n')];
}

/** A table, unless nobody is measured so. */
function formatGroup(
  report: Report,
  subjects: readonly Subject[],
  measure: Measure,
  { title, figures }: FigureGroup,
): string | undefined {
  const results = report.results.filter((result) => result.measure === measure.name);
  const rows: [Subject, string[]][] = [];
  const without: string[] = [];
  const failed: string[] = [];
  for (const subject of subjects) {
    const own = results.filter((result) => result.subject === subject.name);
    const found = figures.map((figure) => own.find((result) => result.figure === figure.name));
    const isAbsent = report.absent.some((one) => one.subject === subject.name);
    if (!subject.measures.includes(measure.name) || isAbsent) without.push(subject.title.trim());
    else if (own.length === 0) {
      const failure = report.failures.find(
        (one) => one.subject === subject.name && one.measures.includes(measure.name),
      );
      if (failure === undefined) without.push(subject.title.trim());
      else {
        rows.push([subject, ['failed']]);
        failed.push(`  failed: ${subject.title.trim()}, since ${firstCause(failure.reason)}`);
      }
    } else if (found.some((result) => result !== undefined))
      rows.push([subject, found.map((result, i) => formatResult(result, figures[i]))]);
    else without.push(subject.title.trim());
  }
  if (rows.length === 0) return undefined;
  const units = [...new Set(figures.map(({ unit }) => unit))];
  const isOneUnit = units.length === 1 && units[0] !== '';
  const head = figures.length === 1 ? [] : [columnTitles(figures, isOneUnit)];
  return [
    `${title}${isOneUnit ? `, ${units.join()}` : ''}`,
    ...align([...head, ...rows.map(([subject, cells]) => [`  ${subject.title}`, ...cells])]),
    ...failed.flatMap(wrap),
    ...(without.length === 0 ? [] : wrap(`  –: ${without.join('; ')}`)),
  ].join('\n');
}

/** The line of what a process has said that names an error, or else its first. */
function firstCause(reason: string): string {
  const lines = reason.split('\n').map((line) => line.trim());
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0] ?? '';
}

function columnTitles(figures: readonly Figure[], isOneUnit: boolean): string[] {
  return ['', ...figures.map(({ title, unit }) => (isOneUnit || unit === '' ? title : `${title}, ${unit}`))];
}

function formatResult(result: Result | undefined, figure: Figure | undefined): string {
  if (result === undefined || figure === undefined) return '–';
  const { digits } = figure;
  const median = result.median.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return result.samples === 1 ? median : `${median} ±${Math.round(100 * spreadOf(result))}%`;
}

/** Cells in columns: the first to the left, the others to the right. */
export function align(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(GAP + (widths[column] ?? 0)),
      )
      .join('')
      .trimEnd(),
  );
}

/** A text in lines that are not too long, broken at spaces and indented as far as its first. */
function wrap(text: string): string[] {
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, indent + line];
}
