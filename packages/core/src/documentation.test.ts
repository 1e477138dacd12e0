import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkConfig } from './kernel/kernel-config.js';

it('the README names every option of the configuration', () => {
  const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const options = Object.keys(checkConfig({}));
  expect(options).toContain('maxOutstandingTasks');
  expect(options.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
