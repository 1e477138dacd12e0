import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { attack, attackTimeoutMs, framesPerTarget, fuzzSeed, noteFigures } from '@parsl-ts-internal/fuzz';
import {
  encodeValue,
  forEachRecord,
  ProtocolError,
  RESULT_HEAD_BYTES,
  resultField,
  ResultStatus,
  writeResult,
} from '@parsl-ts/wire';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { JournalWriter, readJournal } from './result-journal.js';

const FRAMES = framesPerTarget(4000);
const SEED = fuzzSeed();

let dir: string;
let fd: number;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
  fd = openSync(join(dir, 'journal'), 'w+');
});
afterEach(() => {
  closeSync(fd);
  rmSync(dir, { recursive: true });
});

/** The file of a worker that has finished as many tasks as these say, one journal after the other. */
function journal(...counts: readonly number[]): Buffer {
  const file = join(dir, 'sample');
  const sample = openSync(file, 'w+');
  const writer = new JournalWriter(sample);
  for (const count of counts) {
    writer.take();
    for (let index = 0; index < count; index++) {
      const payload = encodeValue([index, 'x'.repeat(5 * index)], 'value');
      const { source, start, end } = writeResult(index, ResultStatus.succeeded, 1, payload, false);
      writer.add(source, start, end);
    }
    writer.write();
  }
  closeSync(sample);
  return readFileSync(file);
}

test(
  'whatever a worker has left in its journal, the manager reads results or refuses them',
  async () => {
    const frames = [journal(1), journal(5), journal(3, 1), journal(2, 7, 4)];
    const read = (frame: Buffer): void => {
      ftruncateSync(fd, frame.length);
      writeSync(fd, frame, 0, frame.length, 0);
      forEachRecord(readJournal(fd), 0, RESULT_HEAD_BYTES, [], (record) => resultField.submission(record));
    };
    for (const frame of frames) read(frame);
    const figures = await attack(
      {
        name: 'journals of results',
        frames,
        read,
        isRefusal: (error) => error instanceof ProtocolError,
      },
      { frames: FRAMES, seed: SEED },
    );
    expect(figures.accepted).toBeGreaterThan(0);
    noteFigures(figures);
  },
  attackTimeoutMs(FRAMES),
);
