import { expect, test } from 'vitest';

import { SparingAnswers } from './sparing-answers.js';

test('each peer gets a few answers within a second', () => {
  const answers = new SparingAnswers();
  const asked = (id: string, now: number): number =>
    Array.from({ length: 100 }, () => answers.allows(id, now)).filter(Boolean).length;
  expect(asked('a', 0)).toBe(20);
  expect(asked('b', 10)).toBe(20);
  expect(asked('a', 999)).toBe(0);
  expect(asked('a', 1000)).toBe(20);
});
