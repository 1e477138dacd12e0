import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ProtocolError, type CodeAnnouncement } from '@parsl-ts/wire';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { FunctionStore } from './function-store.js';

let dir: string;
let store: FunctionStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'functions-'));
  store = new FunctionStore(dir);
});
afterEach(() => rmSync(dir, { recursive: true }));

const [one, other] = ['export default () => 1;\n', 'export default () => 2;\n'].map((code) =>
  Buffer.from(code),
);

function announce(index: number, source: Buffer): CodeAnnouncement {
  const id = createHash('sha256').update(source).digest('hex');
  return { index, id, name: `f${index}`, contextIndex: -1 };
}

test('the code of a function becomes a file, under its hash', () => {
  const announcement = announce(3, one!);
  store.check(announcement, one!);
  store.add(announcement, one!);
  const { url, name } = store.get(3);
  expect(name).toBe('f3');
  expect(readFileSync(new URL(url), 'utf8')).toBe(one!.toString());
  expect(readdirSync(dir)).toEqual([`${announcement.id}.mjs`]);
  expect(() => store.get(4)).toThrow(RangeError);
});

test('code that is not the one announced is refused', () => {
  expect(() => store.check(announce(0, one!), other!)).toThrow(ProtocolError);
});

test('a number stays with its function, which may be announced again', () => {
  store.add(announce(0, one!), one!);
  expect(() => store.check(announce(0, one!), one!)).not.toThrow();
  expect(() => store.check(announce(0, other!), other!)).toThrow("function 0 is 'f0' already");
  expect(() => store.check(announce(1, one!), one!)).not.toThrow();
});
