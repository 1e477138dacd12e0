import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { useRunDirectory } from '../testing/run-directory.js';
import { JsonLog } from './json-log.js';

const run = useRunDirectory();

test('nothing in it steers a terminal, makes a line or turns the direction, and it is JSON', () => {
  const file = join(run.path, 'log');
  const text = 'a\n\u001b[2J\u007f\u009b2J\u202e\u2066\u2028größe ☃';
  new JsonLog(file).write('warn', 'refused', { text });
  const written = readFileSync(file, 'utf8');
  expect(written).toMatch(/^[ -~ößü☃]+\n$/);
  expect(JSON.parse(written)).toMatchObject({ level: 'warn', text, message: 'refused' });
});

test('one kind of line is written 60 times a minute, however often it comes', () => {
  const file = join(run.path, 'log');
  const log = new JsonLog(file);
  for (let each = 0; each < 100_000; each++) log.write('warn', 'noise');
  log.write('info', 'another');
  // A minute may end meanwhile: then it begins anew, and says how many there were.
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(61);
  expect(lines.length).toBeLessThanOrEqual(122);
  expect(lines.at(-1)).toContain('another');
});

test('a log that cannot be opened is none', () => {
  expect(() => new JsonLog(join(run.path, 'no', 'such', 'directory')).write('info', 'x')).not.toThrow();
});
