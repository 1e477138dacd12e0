import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LOCAL_PROVIDER_SCHEMA } from './local-provider-options.js';

test('the README names every option', () => {
  const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const options = Object.keys(LOCAL_PROVIDER_SCHEMA);
  expect(options.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
