import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parsePoolKeys } from '@parsl-ts/wire';
import { curveKeyPair } from 'zeromq';
import { expect, test } from 'vitest';

import { useRunDirectory } from '../testing/run-directory.js';
import { writePoolKeys } from './key-directory.js';

const run = useRunDirectory();
const isRoot = process.getuid?.() === 0;
const keys = { serverKey: curveKeyPair().publicKey, ...curveKeyPair() };
const place = () => ({
  directory: join(run.path, 'certificates'),
  file: join(run.path, 'certificates', 'pool.json'),
});

test('a directory of mode 0700 and a file of mode 0600, whatever the umask', () => {
  const { directory, file } = place();
  const before = process.umask(0);
  try {
    writePoolKeys(file, keys);
  } finally {
    process.umask(before);
  }
  expect(statSync(directory).mode & 0o7777).toBe(0o700);
  expect(statSync(file).mode & 0o7777).toBe(0o600);
  expect(parsePoolKeys(readFileSync(file, 'utf8'))).toEqual(keys);
});

test.each([0o755, 0o710, 0o701, 0o777])('a directory that is there with mode %o is refused', (mode) => {
  const { directory, file } = place();
  mkdirSync(directory);
  chmodSync(directory, mode);
  expect(() => writePoolKeys(file, keys)).toThrow(`${directory} must be a directory of this user`);
});

test('so is a link, wherever it leads', () => {
  const { directory, file } = place();
  mkdirSync(join(run.path, 'elsewhere'), { mode: 0o700 });
  symlinkSync(join(run.path, 'elsewhere'), directory);
  expect(() => writePoolKeys(file, keys)).toThrow('must be a directory of this user');
});

test.skipIf(!isRoot)("so is somebody else's (shown to root only, who can give directories away)", () => {
  const { directory, file } = place();
  mkdirSync(directory, { mode: 0o700 });
  chownSync(directory, 12_345, 12_345);
  expect(() => writePoolKeys(file, keys)).toThrow('must be a directory of this user');
});

test('a file that is there is replaced, and a link not followed', () => {
  const { directory, file } = place();
  mkdirSync(directory, { mode: 0o700 });
  const other = join(run.path, 'other');
  writeFileSync(other, 'mine', { mode: 0o644 });
  symlinkSync(other, file);
  writePoolKeys(file, keys);
  expect(readFileSync(other, 'utf8')).toBe('mine');
  writePoolKeys(file, { ...keys, ...curveKeyPair() });
  expect(parsePoolKeys(readFileSync(file, 'utf8')).publicKey).not.toBe(keys.publicKey);
  expect(statSync(file).mode & 0o7777).toBe(0o600);
});
