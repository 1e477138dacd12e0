import { expect, it } from 'vitest';
import type { Measure } from './measure.js';
import { planRepetition } from './plan.js';
import type { Subject } from './subject.js';

const neverDone = (): never => {
  throw new Error('A plan does nothing');
};
const measure = (name: string, long = false): Measure => ({ name, groups: [], long, take: neverDone });
const subject = (name: string, measures: string[], together = false): Subject => ({
  name,
  title: name,
  measures,
  together,
  command: neverDone,
});

const measures = [measure('rate'), measure('time'), measure('million', true)];
const subjects = [
  subject('python', ['rate', 'million'], true),
  subject('a', ['rate', 'time', 'million']),
  subject('b', ['rate', 'other']),
];
const planned = (repetition: number) =>
  planRepetition(subjects, measures, repetition).map((job) => [
    job.subject.name,
    ...job.measures.map(({ name }) => name),
  ]);

it('takes what is compared close together, and together what starts slowly', () => {
  expect(planned(1)).toEqual([
    ['a', 'rate'],
    ['b', 'rate'],
    ['a', 'time'],
    ['a', 'million'],
    ['python', 'rate', 'million'],
  ]);
});

it('takes what takes long once', () => {
  expect(planned(2)).toEqual([
    ['a', 'rate'],
    ['b', 'rate'],
    ['a', 'time'],
    ['python', 'rate'],
  ]);
});
