import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { outputTail } from './output-tail.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'output-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const patience = (ms: number, signal = new AbortController().signal) => ({ ms, signal });

test('shows the end of a long file and the whole of a short one', async () => {
  const path = join(directory, 'out');
  writeFileSync(path, `${'x'.repeat(100_000)}the end\n`);
  const tail = await outputTail(path, patience(0));
  expect(tail).toMatch(/^…x+the end\n$/);
  expect(tail.length).toBeLessThan(3000);
  await expect(outputTail(path, patience(0), 10)).resolves.toBe('…xxthe end\n');
  writeFileSync(path, 'all of it\n');
  await expect(outputTail(path, patience(0))).resolves.toBe('all of it\n');
});

test('waits for a file that comes late', async () => {
  const path = join(directory, 'late');
  const tail = outputTail(path, patience(60_000));
  setTimeout(() => {
    writeFileSync(path, 'here I am\n');
  }, 150);
  await expect(tail).resolves.toBe('here I am\n');
});

test('does not wait for ever, nor when nobody waits any more', async () => {
  const path = join(directory, 'never');
  await expect(outputTail(path, patience(150))).resolves.toBe('');
  const gone = new AbortController();
  const tail = outputTail(path, patience(60_000, gone.signal));
  gone.abort();
  await expect(tail).resolves.toBe('');
});

test('is empty at once where there can be nothing', async () => {
  await expect(outputTail(undefined, patience(60_000))).resolves.toBe('');
  await expect(outputTail(directory, patience(60_000))).resolves.toBe('');
  writeFileSync(join(directory, 'empty'), '');
  await expect(outputTail(join(directory, 'empty'), patience(60_000))).resolves.toBe('');
});
