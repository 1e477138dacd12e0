import { closeSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { openMemoryFile } from '@parsl-ts/wire';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { AssignmentJournal, NOBODY } from './assignment-journal.js';

let files: [number, number];
beforeEach(() => (files = [openMemoryFile(tmpdir()), openMemoryFile(tmpdir())]));
afterEach(() => files.forEach((file) => closeSync(file)));

function readAll(): Record<number, string> {
  return Object.fromEntries(new AssignmentJournal(files).read(() => true));
}

test('tells who was given a task last', () => {
  const journal = new AssignmentJournal(files);
  expect(readAll()).toEqual({});
  journal.note('a', [0, 1, 2, 7]);
  journal.note('b', [3]);
  journal.write();
  journal.note('b', [1]);
  journal.write();
  expect(readAll()).toEqual({ 0: 'a', 1: 'b', 2: 'a', 3: 'b', 7: 'a' });
  expect(new AssignmentJournal(files).read((submission) => submission > 2).size).toBe(2);
});

test('thousands that follow each other are all there', () => {
  const journal = new AssignmentJournal(files);
  journal.note(
    'a',
    Array.from({ length: 10_000 }, (_, submission) => submission),
  );
  journal.write();
  const found = new AssignmentJournal(files).read(() => true);
  expect([...found.keys()]).toEqual(Array.from({ length: 10_000 }, (_, submission) => submission));
  expect(fstatSync(files[0]).size).toBeLessThan(100);
});

test("a task that waits again is nobody's, until it is given to somebody", () => {
  const journal = new AssignmentJournal(files);
  journal.note('a', [0, 1, 2]);
  journal.note(NOBODY, [1, 2]);
  journal.note('b', [2]);
  journal.write();
  expect(readAll()).toEqual({ 0: 'a', 2: 'b' });
});

test('what is not written does not count, and neither does an entry that was cut off', () => {
  const journal = new AssignmentJournal(files);
  journal.note('a', [0]);
  journal.write();
  journal.note('b', [1]);
  expect(readAll()).toEqual({ 0: 'a' });
  journal.write();
  ftruncateSync(files[0], fstatSync(files[0]).size - 1);
  expect(readAll()).toEqual({ 0: 'a' });
});

test('is written anew into the other file, and goes on there', () => {
  const journal = new AssignmentJournal(files);
  for (let round = 0; round < 5; round++) {
    journal.note('a', [10 * round, 10 * round + 1]);
    journal.write();
    journal.rewrite([
      ['a', [10 * round + 1]],
      ['idle', []],
    ]);
    expect(readAll()).toEqual({ [10 * round + 1]: 'a' });
  }
  const next = new AssignmentJournal(files);
  next.note('b', [5]);
  next.write();
  expect(readAll()).toEqual({ 5: 'b', 41: 'a' });
});

test('is long when it has a megabyte, and then when it has twice of what it needs', () => {
  const journal = new AssignmentJournal(files);
  const some = Array.from({ length: 1000 }, (_, index) => 2 * index);
  const fill = () => {
    let rounds = 0;
    for (; !journal.isLong; rounds++) {
      journal.note('a', some);
      journal.write();
    }
    return rounds;
  };
  const first = fill();
  expect(first).toBeGreaterThan(50);
  journal.rewrite([['a', Array.from({ length: 100_000 }, (_, index) => 2 * index)]]);
  expect(journal.isLong).toBe(false);
  expect(fill()).toBeGreaterThan(90);
});

test('says so when something could not be noted', () => {
  const journal = new AssignmentJournal(files);
  journal.note('a', [0]);
  journal.write();
  expect(new AssignmentJournal(files).isComplete).toBe(true);
  const full = openSync('/dev/full', 'r+');
  try {
    const broken = new AssignmentJournal([files[0], full]);
    broken.rewrite([['a', [1]]]);
    expect(new AssignmentJournal(files).isComplete).toBe(false);
  } finally {
    closeSync(full);
  }
});
