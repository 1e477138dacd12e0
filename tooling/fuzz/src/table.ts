import type { Figures } from './figures.js';

const HEAD = ['what is read', 'frames', 'accepted', 'refused', 'seconds', 'memory', 'slowest frame'];

/** The figures as lines for people. */
export function table(all: readonly Figures[]): string {
  const rows = all.map((each) => [
    each.name,
    String(each.frames),
    String(each.accepted),
    String(each.refused),
    each.seconds.toFixed(1),
    `${each.growthBytes < 0 ? '-' : '+'}${Math.round(Math.abs(each.growthBytes) / 1024)} KiB`,
    `${each.slowestMs.toFixed(1)} ms`,
  ]);
  const widths = HEAD.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [HEAD, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
