import { expect, it } from 'vitest';
import type { Measure } from './measure.js';
import { makeReport } from './report.js';
import type { Subject } from './subject.js';
import { formatTable } from './table.js';

const neverOpened = (): never => {
  throw new Error('A table opens nothing');
};
const subjects: Subject[] = ['a', 'b'].map((name) => ({ name, title: `Subject ${name}`, open: neverOpened }));
const speed: Measure = {
  name: 'speed',
  figures: [
    { name: 'rate', title: 'rate', unit: 'tasks/s', better: 'higher', digits: 0 },
    { name: 'time', title: 'time', unit: 'ms', better: 'lower', digits: 2 },
  ],
  take: neverOpened,
};

it('shows the median and the spread side by side, and what failed', () => {
  const samples = [3000, 1000, 2000].map((rate) => ({
    subject: 'a',
    measure: 'speed',
    values: { rate, time: 0.5 },
  }));
  const report = makeReport(subjects, [speed], 2, samples);
  expect(report.results.map(({ figure, median, samples }) => [figure, median, samples.length])).toEqual([
    ['rate', 2000, 3],
    ['time', 0.5, 3],
  ]);
  expect(formatTable(report, subjects, [speed])).toBe(
    [
      '                          Subject a   Subject b',
      'rate, tasks/s   2,000 (1,000–3,000)      failed',
      'time, ms           0.50 (0.50–0.50)      failed',
    ].join('\n'),
  );
});
