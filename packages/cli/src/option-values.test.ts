import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';

import { positive, repeated, wholeNumber } from './option-values.js';

test('a positive number may be a fraction', () => {
  expect(['0.5', '120', '1e3'].map(positive)).toEqual([0.5, 120, 1000]);
  for (const text of ['0', '-1', '', ' ', 'x', 'Infinity', 'NaN']) {
    expect(() => positive(text)).toThrow('It has to be a number above 0.');
  }
});

test('a whole number has bounds, which are said', () => {
  expect(['0', '1e6', '7'].map(wholeNumber(0))).toEqual([0, 1_000_000, 7]);
  for (const text of ['-1', '1.5', '', 'x']) expect(() => wholeNumber(0)(text)).toThrow(InvalidArgumentError);
  expect(() => wholeNumber(1)('0')).toThrow('It has to be a whole number from 1 on.');
  expect(() => wholeNumber(1, 9)('10')).toThrow('It has to be a whole number from 1 to 9.');
});

test('what is given several times is gathered', () => {
  expect(repeated('b', repeated('a', undefined))).toEqual(['a', 'b']);
});
