import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';

import { captureOutput } from './output-capture.js';
import { OutputFileError } from './task-error.js';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'output-capture-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** How many descriptors of this process lead to a file. */
function timesOpen(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd)) === path;
    } catch {
      // The directory itself was listed, and is closed by now.
      return false;
    }
  }).length;
}

test('what is written goes to the files, appended, and after the end where it went before', () => {
  const [stdout, stderr] = [join(dir, 'deep', 'er', 'out.txt'), join(dir, 'err.txt')];
  const write = process.stdout.write.bind(process.stdout);
  const said: unknown[] = [];
  process.stdout.write = (chunk: unknown) => said.push(chunk) > 0;
  try {
    for (const word of ['one', 'two']) {
      const end = captureOutput({ stdout, stderr });
      process.stdout.write(`${word}\n`);
      process.stdout.write('f6', 'hex');
      process.stdout.write(new Uint8Array([10]));
      process.stderr.write(`${word}!\n`);
      end();
    }
    process.stdout.write('outside');
  } finally {
    process.stdout.write = write;
  }
  expect(readFileSync(stdout, 'latin1')).toBe('one\n\xf6\ntwo\n\xf6\n');
  expect(readFileSync(stderr, 'utf8')).toBe('one!\ntwo!\n');
  expect(said).toEqual(['outside']);
});

test('whoever writes hears that it was written, in a later turn', async () => {
  const end = captureOutput({ stdout: join(dir, 'out.txt') });
  onTestFinished(end);
  let heard = false;
  const written = new Promise<void>((resolve) => {
    process.stdout.write('a', () => {
      heard = true;
      resolve();
    });
  });
  expect(heard).toBe(false);
  await written;
});

test.skipIf(process.platform !== 'linux')('a file for both streams is opened once, and closed once', () => {
  const path = join(dir, 'both.txt');
  const end = captureOutput({ stdout: path, stderr: path });
  onTestFinished(end);
  process.stdout.write('out\n');
  process.stderr.write('err\n');
  expect(timesOpen(path)).toBe(1);
  end();
  expect(timesOpen(path)).toBe(0);
  end();
  expect(readFileSync(path, 'utf8')).toBe('out\nerr\n');
});

test.skipIf(process.platform !== 'linux')('with one file that cannot be opened, none is', () => {
  const path = join(dir, 'out.txt');
  expect(() => captureOutput({ stdout: path, stderr: dir })).toThrow(OutputFileError);
  expect(timesOpen(path)).toBe(0);
});

test.skipIf(process.platform !== 'linux')(
  'a directory that the system does not make is an error at once',
  () => {
    // The system says of it that there is no such directory, however often one asks it to make one.
    const path = '/proc/none/out.txt';
    expect(() => captureOutput({ stderr: path })).toThrow(
      expect.objectContaining({
        ...{ code: 'PARSL_OUTPUT_FILE', path },
        message: expect.stringContaining('the file for stderr cannot be written') as string,
      }),
    );
  },
);
