import { expect, it } from 'vitest';
import type { Measure } from './measure.js';
import { makeReport } from './report.js';
import type { Subject } from './subject.js';
import { formatReport } from './table.js';

const neverDone = (): never => {
  throw new Error('A table does nothing');
};
const subjects: Subject[] = [
  { name: 'a', title: 'Subject a', measures: ['speed', 'size'], command: neverDone },
  { name: 'b', title: 'Subject b', measures: ['speed', 'size'], command: neverDone },
  { name: 'c', title: 'Subject c', measures: [], command: neverDone },
  { name: 'd', title: 'Subject d', measures: ['speed', 'size'], command: neverDone },
];
const speed: Measure = {
  name: 'speed',
  groups: [
    {
      title: 'Speed',
      figures: [
        { name: 'rate', title: 'all', unit: 'tasks/s', better: 'higher', digits: 0 },
        { name: 'time', title: 'one', unit: 'ms', better: 'lower', digits: 2 },
      ],
    },
    {
      title: 'Cost',
      figures: [
        { name: 'here', title: 'here', unit: 'ms', better: 'lower', digits: 1 },
        { name: 'there', title: 'there', unit: 'ms', better: 'lower', digits: 1 },
      ],
    },
  ],
  take: neverDone,
};
const size: Measure = {
  name: 'size',
  groups: [
    { title: 'Size', figures: [{ name: 'size', title: 'size', unit: 'B', better: 'lower', digits: 0 }] },
  ],
  take: neverDone,
};

it('has a table for each group of figures, with medians and spreads, and says what is missing', () => {
  const samples = [3000, 1000, 2000].map((rate, i) => ({
    subject: 'a',
    measure: 'speed',
    repetition: i + 1,
    values: { rate, time: 0.5, here: rate / 1000 },
  }));
  const absent = [{ subject: 'd', reason: 'it is not here' }];
  const once = { subject: 'b', measure: 'size', repetition: 1, values: { size: 1234 } };
  const reason = 'Command failed: node bench\nfile:///bench.js:1\n\nError: no worker came\n    at bench.js:1';
  const failures = [{ subject: 'b', measures: ['speed'], repetition: 1, reason }];
  const report = makeReport(subjects, [speed, size], 2, [...samples, once], absent, failures);
  expect(report.results.map(({ figure, median, samples }) => [figure, median, samples])).toEqual([
    ['rate', 2000, 3],
    ['time', 0.5, 3],
    ['here', 2, 3],
    ['size', 1234, 1],
  ]);
  const [head, ...tables] = formatReport(report, subjects, [speed, size]).split('\n\n');
  expect(head).toMatch(
    /^Medians of up to 3 .*\nEach subject has 2 workers.*\nLeft out: d, since it is not here$/,
  );
  expect(tables.join('\n\n')).toBe(
    [
      'Speed',
      '              all, tasks/s    one, ms',
      '  Subject a     2,000 ±50%   0.50 ±0%',
      '  Subject b         failed',
      '  failed: Subject b, since Error: no worker came',
      '  –: Subject c; Subject d',
      '',
      'Cost, ms',
      '                  here   there',
      '  Subject a   2.0 ±50%       –',
      '  Subject b     failed',
      '  failed: Subject b, since Error: no worker came',
      '  –: Subject c; Subject d',
      '',
      'Size, B',
      '  Subject b   1,234',
      '  –: Subject a; Subject c; Subject d',
    ].join('\n'),
  );
});
