import { expect, test } from 'vitest';

import { ExitHints } from './exit-hints.js';

const killed = { exitCode: null, signal: 'SIGKILL' };
const FOR_MEMORY = /^the host ran out of memory/;

test('every worker that the kernel has killed for memory is told apart, and no other', () => {
  let kills = 3;
  let now = 0;
  const hints = new ExitHints(
    () => kills,
    () => now,
  );
  expect(hints.hint(killed)).toBe('');
  kills += 2;
  expect(hints.hint(killed)).toMatch(FOR_MEMORY);
  expect(hints.hint({ exitCode: 1, signal: null })).toMatch(/process.exit/);
  now += 100;
  expect(hints.hint(killed)).toMatch(FOR_MEMORY);
  expect(hints.hint(killed)).toBe('');
  // One kill too many was counted: another process of this host.
  kills += 2;
  expect(hints.hint(killed)).toMatch(FOR_MEMORY);
  now += 10_000;
  expect(hints.hint(killed)).toBe('');
});

test.each([
  [{ exitCode: null, signal: 'SIGABRT' }, /heap is full/],
  [{ exitCode: 134, signal: null }, /heap is full/],
  [{ exitCode: null, signal: 'SIGSEGV' }, /native code crashed/],
])('%j has a hint', (end, hint) => {
  expect(new ExitHints().hint(end)).toMatch(hint);
});
