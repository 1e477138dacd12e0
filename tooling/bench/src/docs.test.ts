import { expect, it } from 'vitest';
import { withTables } from './docs.js';

it('puts tables into their place, again and again', () => {
  const page = 'Before.\n\n<!-- bench: begin -->\n\nold\n\n<!-- bench: end -->\n\nAfter.\n';
  const expected = 'Before.\n\n<!-- bench: begin -->\n\n```text\nnew\n```\n\n<!-- bench: end -->\n\nAfter.\n';
  expect(withTables(page, 'new')).toBe(expected);
  expect(withTables(expected, 'new')).toBe(expected);
});

it('finds that there is no place', () => {
  expect(() => withTables('Nothing.', 'new')).toThrow('bench: begin');
});
