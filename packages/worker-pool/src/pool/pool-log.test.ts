import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { PoolLog } from './pool-log.js';

test('nothing in it steers a terminal or makes a line, and it is JSON', () => {
  const directory = mkdtempSync(join(tmpdir(), 'parsl-pool-log-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const log = new PoolLog(directory, { manager: 'm' });
  const text = 'a\n\u001b[2J\u007f\u009b2J\u202e\u2028größe ☃';
  log.warn('words of somebody else', { text });
  log.close();
  const line = readFileSync(join(directory, 'manager.log'), 'utf8');
  expect(line).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+\n$/u);
  expect(JSON.parse(line)).toMatchObject({ manager: 'm', text });
});
