import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
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
  expect(add('x'.repeat(30_000))).toBe(true);
  expect(add('x'.repeat(3_000))).toBe(false);
  expect(writer.take()).toHaveLength(30_000);
  expect(add('x'.repeat(3_000))).toBe(true);
});

test('gives nothing when it was left in the middle of a write', () => {
  add('records');
  writer.write();
  writeSync(fd, Buffer.from([9, 0, 0, 0]), 0, 4, 0);
  expect(readJournal(fd)).toHaveLength(0);
});

test('tells when it cannot be written', () => {
  const broken = new JournalWriter(-1);
  broken.add(Buffer.from('x'), 0, 1);
  expect(broken.write()).toBe(false);
});
