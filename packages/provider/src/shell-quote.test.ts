import { describe, expect, test } from 'vitest';
import { isPlainCommand, shellCommand, shellQuote } from './shell-quote.js';

describe('shellQuote', () => {
  test.each([
    ['plain', 'plain'],
    ['/a/b-c_d.e:1,2@h%+', '/a/b-c_d.e:1,2@h%+'],
    ['', "''"],
    ['a b', "'a b'"],
    ["it's", String.raw`'it'\''s'`],
    ['a=b', "'a=b'"],
    ['$x', "'$x'"],
    ['~', "'~'"],
    ['ü', "'ü'"],
  ])('%j → %s', (word, quoted) => {
    expect(shellQuote(word)).toBe(quoted);
  });

  test('NUL is refused: it would cut the word short', () => {
    expect(() => shellQuote('a\0b')).toThrow(TypeError);
  });
});

test('shellCommand quotes every word', () => {
  expect(shellCommand(['/bin/echo', 'a b', '-n'])).toBe("/bin/echo 'a b' -n");
});

describe('isPlainCommand', () => {
  test.each([
    '/usr/bin/node \'/opt/my pool/pool.js\' --key "a b"',
    './pool',
    String.raw`/bin/echo 'it'\''s'`,
    shellCommand(['/bin/echo', 'new\nline', '$(x)', '']),
  ])('%s', (line) => {
    expect(isPlainCommand(line)).toBe(true);
  });

  test.each([
    'node x',
    'cd /tmp',
    'A=/b c',
    '/bin/a && /bin/b',
    '/bin/a; b',
    '/bin/a $X',
    '/bin/a "$X"',
    '/bin/a `b`',
    '/bin/a > f',
    '/bin/a &',
    '/bin/a *',
    '/bin/a ~',
    '/bin/a # b',
    "/bin/a '",
    '/bin/a\n/bin/b',
    ' /bin/a',
    '',
  ])('not %j', (line) => {
    expect(isPlainCommand(line)).toBe(false);
  });
});
