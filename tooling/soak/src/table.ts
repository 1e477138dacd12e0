import type { SoakReport } from './run-soak.js';

/** The report for people. */
export function table(report: SoakReport): string {
  const { account, faults, growth, wrong } = report;
  return [
    `seed ${report.seed}, ${report.seconds.toFixed(0)} s, ${report.blocks} blocks, at most ${report.mostManagers} managers at once`,
    '',
    `submitted ${account.submitted}, settled ${account.settled}; started more than once: ${account.repeated}`,
    `as meant: ${counts(account.asMeant)}`,
    `lost in spite of retries: ${counts(account.lost)}`,
    `faults: ${counts(faults)}`,
    '',
    align([
      ['process', 'there were', 'judged', 'memory', 'grew by', 'descriptors', 'grew by'],
      ...growth.map((each) => [
        each.role,
        String(each.processes),
        String(each.judged),
        `${each.memoryMb.toFixed(0)} MB`,
        `${each.memoryGrowthMb.toFixed(1)} MB`,
        each.descriptors.toFixed(0),
        each.descriptorsGrowth.toFixed(1),
      ]),
    ]),
    'Growth is the largest of a process over the second half of its life: the median slope between the lowest samples of its',
    'parts, times its time. Up to 16 MB or 15 % of memory, and 5 or 15 % of descriptors, count as flat.',
    '',
    ...wrong.slice(0, 40),
    wrong.length === 0 ? 'all is accounted for' : `${wrong.length} things are wrong`,
  ].join('\n');
}

function counts(of: Readonly<Record<string, number>>): string {
  const entries = Object.entries(of);
  return entries.length === 0 ? 'none' : entries.map(([what, count]) => `${count} ${what}`).join(', ');
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      ),
    )
    .map((cells) => cells.join('   '))
    .join('\n');
}
