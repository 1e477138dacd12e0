import { expect, it } from 'vitest';
import { measures } from './measures/all.js';
import { figuresOf } from './measure.js';
import { ratios, ratioSamples, subjectsOf, type Ratio } from './ratios.js';
import { subjects } from './subjects/all.js';

it('names figures that there are', () => {
  for (const { of, to } of ratios) {
    for (const { subject, measure, figure } of [of, to]) {
      expect(subjects.find(({ name }) => name === subject)?.measures).toContain(measure);
      const found = measures.find(({ name }) => name === measure);
      expect(found && figuresOf(found).map(({ name }) => name)).toContain(figure);
    }
  }
  expect(new Set(ratios.map(({ name }) => name)).size).toBe(ratios.length);
});

const ratio: Ratio = {
  name: 'a to b',
  title: 'a : b',
  of: { subject: 'a', measure: 'speed', figure: 'rate' },
  to: { subject: 'b', measure: 'speed', figure: 'rate' },
  better: 'higher',
  guarded: true,
};

it('puts together what was measured in the same repetition', () => {
  const sample = (subject: string, repetition: number, rate: number) => ({
    subject,
    repetition,
    measure: 'speed',
    values: { rate },
  });
  const samples = [
    sample('b', 1, 10),
    sample('a', 1, 5),
    sample('a', 2, 6),
    sample('b', 3, 30),
    sample('a', 3, 3),
    { ...sample('a', 3, 1000), measure: 'size' },
  ];
  expect(ratioSamples(samples, ratio)).toEqual([0.5, 0.1]);
});

it('knows the subjects it needs, and what of them', () => {
  const all = ['a', 'b', 'c'].map((name) => ({
    name,
    title: name,
    measures: ['speed', 'size'],
    command: () => [],
  }));
  expect(subjectsOf([ratio], all).map(({ name, measures }) => [name, measures])).toEqual([
    ['a', ['speed']],
    ['b', ['speed']],
  ]);
});
