import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SLURM_PROVIDER_SCHEMA } from './slurm-provider-options.js';

test('docs/slurm.md names every option', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/slurm.md'), 'utf8');
  const options = Object.keys(SLURM_PROVIDER_SCHEMA);
  expect(options.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
