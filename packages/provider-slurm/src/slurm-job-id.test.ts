import { expect, test } from 'vitest';
import { byCluster, clusterOf, isOnePart, jobNumber, numberOfPart, readParsable } from './slurm-job-id.js';

test.each([
  ['123\n', '123'],
  ['123;east\n', '123;east'],
  ['Welcome to the cluster!\n7 jobs of yours wait\n123\n', '123'],
  ['Submitted batch job 123\n', undefined],
  ['', undefined],
])('sbatch prints %j: the job is %s', (stdout, id) => {
  expect(readParsable(stdout)).toBe(id);
});

test.each([
  ['123', '123'],
  ['123_4', '123'],
  ['123_[5-7%2]', '123'],
  ['123+0', '123'],
  ['123.batch', '123'],
  ['JOBID', undefined],
  ['12x', undefined],
])('a line about %s is about job %s', (printed, number) => {
  expect(numberOfPart(printed)).toBe(number);
});

test.each([
  ['123_4', true],
  ['123+0', true],
  ['123', false],
  ['123_[5-7%2]', false],
])('whether a line about %s is about one part: %s', (printed, one) => {
  expect(isOnePart(printed)).toBe(one);
});

test('a job of one of several clusters has its cluster in its id', () => {
  expect([jobNumber('123;east'), clusterOf('123;east')]).toEqual(['123', 'east']);
  expect([jobNumber('123'), clusterOf('123')]).toEqual(['123', undefined]);
  const clusters = byCluster(['1;east', '2', '1;west', '3;east']);
  expect([...clusters].map(([cluster, jobs]) => [cluster, [...jobs]])).toEqual([
    [
      'east',
      [
        ['1', '1;east'],
        ['3', '3;east'],
      ],
    ],
    [undefined, [['2', '2']]],
    ['west', [['1', '1;west']]],
  ]);
});
