import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { showProgress } from './progress.js';

it('writes about ten plain lines where there is no terminal', () => {
  const out = new PassThrough({ encoding: 'utf8' });
  const progress = showProgress('pieces', 250, out);
  for (let i = 0; i < 250; i += 1) progress.tick();
  progress.stop();
  const text = String(out.read());
  expect(text.split('\n')).toHaveLength(11);
  expect(text.endsWith('pieces 250/250\n')).toBe(true);
});
