import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { JournalWriter, layOutJournal, readBegun, readJournal } from './result-journal.js';

let dir: string;
let fd: number;
let writer: JournalWriter;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
  fd = openSync(join(dir, 'journal'), 'w+');
  layOutJournal(fd);
  writer = new JournalWriter(fd);
});

afterEach(() => {
  closeSync(fd);
  rmSync(dir, { recursive: true });
});

/** A result as records begin: with its length. */
function result(text: string): Buffer {
  const bytes = Buffer.from(`....${text}`);
  bytes.writeUInt32LE(bytes.length, 0);
  return bytes;
}

function add(text: string): boolean {
  const bytes = result(text);
  return writer.add(bytes, 0, bytes.length);
}

const results = (...texts: string[]) => Buffer.concat(texts.map(result));

test('is empty at first', () => {
  expect(readJournal(fd)).toHaveLength(0);
});

test('holds what was written, until the next is written', () => {
  add('one');
  expect(readJournal(fd)).toHaveLength(0);
  writer.write();
  add('two');
  add('three');
  writer.write();
  expect(readJournal(fd)).toEqual(results('one', 'two', 'three'));
  expect(writer.take()).toEqual(results('one', 'two', 'three'));
  expect(readJournal(fd)).toEqual(results('one', 'two', 'three'));
  add('3');
  writer.write();
  expect(readJournal(fd)).toEqual(results('3'));
  expect(writer.count).toBe(1);
});

test('tells what was begun with last', () => {
  expect(readBegun(fd)).toBeNaN();
  writer.begin(2 ** 40 + 1);
  expect(readBegun(fd)).toBe(2 ** 40 + 1);
  add('one');
  writer.write();
  writer.begin(0);
  expect(readBegun(fd)).toBe(0);
  expect(readJournal(fd)).toEqual(results('one'));
});

test('begins anew when it was sent: nothing earlier is read behind what is new', () => {
  for (const length of [3, 3, 7, 1, 20]) {
    const texts = Array.from({ length }, (_, index) => 'x'.repeat(index));
    texts.forEach(add);
    writer.write();
    expect(readJournal(fd)).toEqual(results(...texts));
    writer.take();
  }
});

test('has an end', () => {
  expect(add('x'.repeat(15_000))).toBe(true);
  expect(add('x'.repeat(3_000))).toBe(false);
  expect(writer.take()).toHaveLength(15_004);
  expect(add('x'.repeat(3_000))).toBe(true);
});

test.each([0, 1, 2, 3])('a write that is cut off leaves what was written before it (%d before)', (before) => {
  add('of an earlier journal');
  writer.write();
  writer.take();
  const texts = Array.from({ length: before }, (_, index) => String(index));
  texts.forEach(add);
  writer.write();
  const written = readFileSync(join(dir, 'journal'));
  add('x'.repeat(10_000));
  writer.write();
  // The kernel stops between two pages.
  const torn = readFileSync(join(dir, 'journal'));
  for (let index = 4096; index < torn.length; index++) torn[index] = written[index] ?? 0;
  writeSync(fd, torn, 0, torn.length, 0);
  expect(readJournal(fd)).toEqual(results(...texts));
});

test('tells when it cannot be written', () => {
  const broken = new JournalWriter(-1);
  broken.add(Buffer.from('x'), 0, 1);
  expect(broken.write()).toBe(false);
});
