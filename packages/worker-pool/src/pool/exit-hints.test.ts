import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { ExitHints } from './exit-hints.js';
import { WorkerOutput } from './worker-output.js';

const HEAP_FULL = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
const ABORTED = { exitCode: null, signal: 'SIGABRT' };

test.each([
  ['the output tells it', ABORTED, HEAP_FULL, 'heap', /JavaScript heap was full.*memPerWorkerGb/],
  ['nobody has the output', ABORTED, undefined, 'heap', /as Node.js does when its JavaScript heap is full/],
  ['as a shell tells of the signal', { exitCode: 134, signal: null }, undefined, 'heap', /heap is full/],
  ['something else aborted', ABORTED, 'Assertion failed: x > 0', undefined, /its output says why/],
  ['native code', { exitCode: null, signal: 'SIGSEGV' }, '', undefined, /native code crashed/],
  ['it left', { exitCode: 3, signal: null }, '', undefined, /process.exit/],
  ['somebody killed it', { exitCode: null, signal: 'SIGKILL' }, '', undefined, /^$/],
] as const)('%s', (_, end, output, outOfMemory, text) => {
  const found = new ExitHints({ claim: () => false }).explain(end, output);
  expect(found.text).toMatch(text);
  expect(found.end).toEqual(outOfMemory === undefined ? end : { ...end, outOfMemory });
});

test('a worker that the kernel may have killed for memory', () => {
  const killed = { exitCode: null, signal: 'SIGKILL' };
  let claims = 0;
  const hints = new ExitHints({ claim: () => ++claims === 1 });
  expect(hints.explain({ exitCode: 1, signal: null }, undefined).text).toMatch(/process.exit/);
  expect(hints.explain(killed, undefined)).toEqual({
    end: { ...killed, outOfMemory: 'host' },
    text: expect.stringMatching(/^the host ran out of memory/) as string,
  });
  expect(hints.explain(killed, undefined)).toEqual({ end: killed, text: '' });
});

test('of the output, only the end counts, and only what the process itself has written', () => {
  const directory = mkdtempSync(join(tmpdir(), 'worker-output-'));
  try {
    const path = join(directory, 'worker_0.log');
    writeFileSync(path, 'of an earlier one\n');
    const output = new WorkerOutput(openSync(path, 'a+'));
    expect(output.tail()).toBe('');
    const other = openSync(path, 'a');
    writeSync(other, `${'x'.repeat(100_000)}the end`);
    closeSync(other);
    expect(output.tail()).toMatch(/^x+the end$/);
    expect(output.tail()).toHaveLength(16 * 1024);
    output.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
