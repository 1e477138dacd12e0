import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');

/** Where an error gets its code, and not what is an environment variable. */
const GIVES_CODE = /(?:super\(|Error\(|\bcode(?:: string)? =)\s*'(?<code>PARSL_[A-Z_]+)'/g;

function codesInSources(): Set<string> {
  const packages = join(root, 'packages');
  const codes = new Set<string>();
  for (const name of readdirSync(packages)) {
    for (const file of readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts') && !file.endsWith('.test.ts')) {
        const source = readFileSync(join(packages, name, 'src', file), 'utf8');
        for (const [, code] of source.matchAll(GIVES_CODE)) if (code !== undefined) codes.add(code);
      }
    }
  }
  return codes;
}

it('docs/troubleshooting.md has every error code, and none that does not exist', () => {
  const explained = [...page.matchAll(/^\| `(PARSL_[A-Z_]+)`/gm)].map(([, code]) => code);
  expect(explained.sort()).toEqual([...codesInSources()].sort());
});
