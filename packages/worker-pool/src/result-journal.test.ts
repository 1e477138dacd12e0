import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { JournalWriter, readJournal } from './result-journal.js';

let dir: string;
let fd: number;
let writer: JournalWriter;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
  fd = openSync(join(dir, 'journal'), 'w+');
  writer = new JournalWriter(fd);
});

afterEach(() => {
  closeSync(fd);
  rmSync(dir, { recursive: true });
});

function add(text: string): boolean {
  const bytes = Buffer.from(text);
  return writer.add(bytes, 0, bytes.length);
}

test('is empty at first', () => {
  expect(readJournal(fd)).toHaveLength(0);
});

test('holds what was written, until the next is written', () => {
  add('one');
  expect(readJournal(fd).toString()).toBe('');
  writer.write();
  add('two');
  writer.write();
  expect(readJournal(fd).toString()).toBe('onetwo');
  expect(writer.take().toString()).toBe('onetwo');
  expect(readJournal(fd).toString()).toBe('onetwo');
  add('3');
  writer.write();
  expect(readJournal(fd).toString()).toBe('3');
  expect(writer.count).toBe(1);
});

test('has an end', () => {
  expect(add('x'.repeat(15_000))).toBe(true);
  expect(add('x'.repeat(3_000))).toBe(false);
  expect(writer.take()).toHaveLength(15_000);
  expect(add('x'.repeat(3_000))).toBe(true);
});

test.each([0, 1, 2, 3])('a write that is cut off leaves what was written before it (%d before)', (before) => {
  for (let count = 0; count < before; count++) {
    add(`${count},`);
    writer.write();
  }
  const written = readFileSync(join(dir, 'journal'));
  add('x'.repeat(10_000));
  writer.write();
  // The kernel stops between two pages.
  const torn = readFileSync(join(dir, 'journal'));
  const cut = torn.findIndex((byte, index) => byte !== (written[index] ?? 0)) + 4096;
  for (let index = cut; index < torn.length; index++) torn[index] = written[index] ?? 0;
  writeSync(fd, torn, 0, torn.length, 0);
  expect(readJournal(fd).toString()).toBe(['', '0,', '0,1,', '0,1,2,'][before]);
});

test('tells when it cannot be written', () => {
  const broken = new JournalWriter(-1);
  broken.add(Buffer.from('x'), 0, 1);
  expect(broken.write()).toBe(false);
});
