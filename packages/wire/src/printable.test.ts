import { expect, test } from 'vitest';

import { isPrintable, printable } from './printable.js';

const STEERING = [
  '\u0000',
  '\n',
  '\u001b[2J',
  '\u007f',
  '\u009b31m',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u2066',
  '\u061c',
];

test.each(STEERING)('%j is written as JSON writes it', (text) => {
  expect(isPrintable(`a${text}b`)).toBe(false);
  expect(isPrintable(printable(`a${text}b`))).toBe(true);
  expect(JSON.parse(`"${printable(`a${text}b`)}"`)).toBe(`a${text}b`);
});

test.each(['', 'plain', 'ünï ☃', '\u{1f600}', '/a b/c.log', "it's"])('%j stays as it is', (text) => {
  expect(isPrintable(text)).toBe(true);
  expect(printable(text)).toBe(text);
});

test('a line of JSON says the same afterwards', () => {
  const value = { text: STEERING.join(' and ') };
  expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value);
});
