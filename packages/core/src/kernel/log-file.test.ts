import { closeSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from './log-file.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-file-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('everything is written, in order', async () => {
  const path = join(directory, 'log');
  const file = await LogFile.open(path);
  file.write('one\n');
  file.write('two\n');
  await new Promise((resolve) => setImmediate(resolve));
  file.write('three\n');
  await file.close();
  file.write('too late\n');
  await file.close();
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
});

test('what waits can be written at once', async () => {
  const path = join(directory, 'log');
  const file = await LogFile.open(path);
  file.write('on its way\n');
  file.write('waits\n');
  file.flushNow();
  expect(readFileSync(path, 'utf8')).toContain('waits\n');
  await file.close();
});

test.skipIf(process.platform !== 'linux')('a disk that is full holds nothing up', async () => {
  // Every write there fails as on a full disk.
  const file = await LogFile.open('/dev/full');
  file.write('lost');
  file.flushNow();
  file.write('lost, too');
  file.flushNow();
  await file.close();
  file.flushNow();
});

test.skipIf(process.platform !== 'linux')('an error of closing ends no run', async () => {
  const path = join(directory, 'log');
  const file = await LogFile.open(path);
  // Its descriptor is gone, so that the system has nothing to close.
  closeSync(descriptorOf(path));
  await file.close();
});

function descriptorOf(path: string): number {
  const own = '/proc/self/fd';
  return Number(readdirSync(own).find((fd) => linkOf(join(own, fd)) === path));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // The directory itself was listed, and is closed by now.
    return '';
  }
}
