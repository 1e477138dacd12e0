import { expect, it } from 'vitest';
import { measures } from './measures/all.js';
import { readSampleLines } from './sample-lines.js';

it('finds its own lines among those of what is measured', () => {
  const output = [
    'starting …',
    '{"level":"info"}',
    '{"measure":"first-result","values":{"time":250.5}}',
    '{ not JSON',
    '{"measure":"latency","values":{"p50":0.2,"p99":0.4}}',
    '',
  ].join('\n');
  expect(readSampleLines(output, measures)).toEqual([
    { measure: 'first-result', values: { time: 250.5 } },
    { measure: 'latency', values: { p50: 0.2, p99: 0.4 } },
  ]);
});

it.each([
  ['{"measure":"first-result","values":{"time":null}}', /'time' of first-result is null/],
  ['{"measure":"first-result","values":{"speed":3}}', /'speed' is no figure/],
  ['{"measure":"first-result","values":{}}', /no figures/],
  ['{"measure":"first-result"}', /no figures/],
])('refuses %s', (line, message) => {
  expect(() => readSampleLines(line, measures)).toThrow(message);
});
