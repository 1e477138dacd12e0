import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { attack, attackTimeoutMs, framesPerTarget, fuzzSeed, noteFigures } from '@parsl-ts-internal/fuzz';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { AssignmentJournal, NOBODY } from './assignment-journal.js';

const FRAMES = framesPerTarget(2000);
const SEED = fuzzSeed();

/** Submissions that are wanted. */
const WANTED = 200;

let dir: string;
let files: readonly [number, number];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
  files = [openSync(join(dir, 'first'), 'w+'), openSync(join(dir, 'second'), 'w+')];
});
afterEach(() => {
  for (const file of files) closeSync(file);
  rmSync(dir, { recursive: true });
});

/** What an interchange that has given tasks to two managers has left in its file. */
function journal(entries: number): Buffer {
  for (const file of files) ftruncateSync(file, 0);
  const written = new AssignmentJournal(files);
  for (let index = 0; index < entries; index++) {
    const submissions = [10 * index, 10 * index + 1, 10 * index + 5];
    written.note(index % 3 === 0 ? 'one' : index % 3 === 1 ? 'another' : NOBODY, submissions);
    written.write();
  }
  return readFileSync(join(dir, 'first'));
}

test(
  'whatever an interchange has left in its journal, the submit process reads who has which of its tasks',
  async () => {
    const frames = [1, 4, 15].map(journal);
    const read = (frame: Buffer): void => {
      ftruncateSync(files[0], frame.length);
      writeSync(files[0], frame, 0, frame.length, 0);
      const isWanted = (submission: number): boolean =>
        Number.isInteger(submission) && submission >= 0 && submission < WANTED;
      const holders = new AssignmentJournal(files).read(isWanted);
      if (holders.size > WANTED) throw new Error(`${holders.size} submissions were found`);
    };
    for (const frame of frames) read(frame);
    const figures = await attack(
      { name: 'journals of assignments', frames, read, isRefusal: () => false },
      { frames: FRAMES, seed: SEED },
    );
    expect(figures.accepted).toBe(FRAMES);
    noteFigures(figures);
  },
  attackTimeoutMs(FRAMES),
);
