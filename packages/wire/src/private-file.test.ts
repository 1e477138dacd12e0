import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { FileNotPrivateError, readPrivateFile } from './private-file.js';

const STRANGER = 12_345;
const isRoot = process.getuid?.() === 0;
let dir: string;
let file: string;

beforeEach(() => {
  // Of mode 0700 itself, in a directory where everybody may write.
  dir = mkdtempSync(join(tmpdir(), 'private-'));
  file = join(dir, 'keys.json');
  writeFileSync(file, 'secret', { mode: 0o600 });
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const read = (path = file) => readPrivateFile(path, 'the key file');

test.each([0o600, 0o400])('a file of mode %o is read', (mode) => {
  chmodSync(file, mode);
  expect(read()).toBe('secret');
});

test.each([0o640, 0o620, 0o604, 0o602, 0o610, 0o601, 0o644, 0o666])('one of mode %o is not', (mode) => {
  chmodSync(file, mode);
  expect(() => read()).toThrow(FileNotPrivateError);
  expect(() => read()).toThrow(
    `the key file ${file} can be read or changed by others; run: chmod 600 '${file}'`,
  );
});

describe('the directory', () => {
  test.each([0o700, 0o755, 0o750, 0o1777])('may have the mode %o', (mode) => {
    chmodSync(dir, mode);
    expect(read()).toBe('secret');
  });

  test.each([0o777, 0o770, 0o775, 0o702])(
    'may not have the mode %o: others could put another file there',
    (mode) => {
      chmodSync(dir, mode);
      expect(() => read()).toThrow(`its directory ${dir} can be written by them`);
    },
  );

  test('is the one that a link leads to', () => {
    const open = join(dir, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    writeFileSync(join(open, 'keys.json'), 'secret', { mode: 0o600 });
    symlinkSync(join(open, 'keys.json'), join(dir, 'link'));
    expect(() => read(join(dir, 'link'))).toThrow(`its directory ${open} can be written by them`);
    symlinkSync(file, join(dir, 'good'));
    expect(read(join(dir, 'good'))).toBe('secret');
  });
});

describe.skipIf(!isRoot)(
  'what belongs to somebody else (shown to root only, who can give files away)',
  () => {
    test('a file', () => {
      chownSync(file, STRANGER, STRANGER);
      expect(() => read()).toThrow(`${file} belongs to another user (uid ${STRANGER})`);
    });

    test('a directory', () => {
      chownSync(dir, STRANGER, STRANGER);
      expect(() => read()).toThrow(`its directory ${dir} belongs to another user (uid ${STRANGER})`);
    });
  },
);

test('the command that it names is right for any path', () => {
  const odd = join(dir, "it's $(here)");
  writeFileSync(odd, '', { mode: 0o644 });
  expect(() => read(odd)).toThrow(String.raw`run: chmod 600 '${dir}/it'\''s $(here)'`);
});

test('one that is not there is an error of the system', () => {
  expect(() => read(join(dir, 'none'))).toThrow(/ENOENT/);
});
