import type { Figure } from './figures.js';
import type { Report, SizeResult } from './report.js';

/** A report for people: a line for each figure, a column for each size, and how each grows from the first to the last. */
export function formatTable({ sizes }: Report, figures: readonly Figure[]): string {
  const first = sizes.at(0);
  const last = sizes.at(-1);
  const grows = sizes.length > 1 && first !== undefined && last !== undefined;
  const head = ['managers × workers', ...sizes.map(sizeName)];
  const rows = figures.map(({ title, digits, value }) => {
    const cells = sizes.map((size) => format(value(size), digits));
    return grows ? [title, ...cells, growth(value(first), value(last))] : [title, ...cells];
  });
  return align([grows ? [...head, `for ${growth(first.managers, last.managers)} managers`] : head, ...rows]);
}

function sizeName({ managers, workersEach }: SizeResult): string {
  return `${format(managers, 0)} × ${format(workersEach, 0)}`;
}

function format(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** How many times the one is of the other. Of nothing, nothing can be said. */
function growth(from: number, to: number): string {
  return from === 0 ? '' : `× ${(to / from).toLocaleString('en-US', { maximumSignificantDigits: 2 })}`;
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    ),
  );
  return lines.map((cells) => cells.join('   ').trimEnd()).join('\n');
}
