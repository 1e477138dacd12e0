import { expect, test } from 'vitest';
import { argumentsOf, literalWords } from './shell-words.js';

test.each([
  ['', []],
  ['  ', []],
  ['--overlap --mem=0', ['--overlap', '--mem=0']],
  [`  -C 'a b'  --x="c d"e\\ f `, ['-C', 'a b', '--x=c de f']],
  [`'' ""`, ['', '']],
  [`'$HOME' '*'`, ['$HOME', '*']],
  ['-a\n-b', ['-a', '-b']],
])('%j is %j', (line, words) => {
  expect(literalWords(line)).toEqual(words);
});

test.each(['$HOME', '"$HOME"', '`x`', '*.txt', 'a; b', 'a | b', 'a > b', "it's", '"', '~/x', 'a #b', '!!'])(
  '%j is not only words',
  (line) => {
    expect(literalWords(line)).toBeUndefined();
  },
);

test('an option takes an array or a string', () => {
  const option = argumentsOf({ default: [] });
  expect(option.absent).toEqual([]);
  expect(option.read('-a "b c"')).toEqual({ ok: true, value: ['-a', 'b c'] });
  expect(option.read(['$HOME', ''])).toEqual({ ok: true, value: ['$HOME', ''] });
  expect(option.read('$HOME').ok).toBe(false);
  expect(option.read(['a', 1]).ok).toBe(false);
  expect(option.read(['a\0']).ok).toBe(false);
});
