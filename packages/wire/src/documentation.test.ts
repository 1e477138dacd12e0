import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { MessageType } from './protocol.js';

test('the README names every message with its type in its table, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const rows = page.matchAll(/^\| (\d+) +\| `(\w+)` +\| (?:\w+ → \w+|both ways|a socket)/gm);
  expect(Array.from(rows, ([, type, name]) => [name, Number(type)])).toEqual(Object.entries(MessageType));
});
