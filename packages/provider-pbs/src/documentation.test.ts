import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pbsOptions } from './pbs-options.js';

test.each(['docs/pbs.md', 'packages/provider-pbs/README.md'])('%s names every option', (path) => {
  const page = readFileSync(join(import.meta.dirname, '../../..', path), 'utf8');
  const options = [...Object.keys(pbsOptions('pbs')), 'selectOptions', 'place', 'nodeOptions'];
  expect(options.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
