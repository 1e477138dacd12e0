import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkOptions } from '@parsl-ts/provider';
import { describe, expect, test } from 'vitest';
import { GRID_ENGINE_PROVIDER_SCHEMA } from './grid-engine-options.js';
import { gridEngineScript } from './grid-engine-script.js';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('docs/write-your-own-provider.md', () => {
  const page = read('docs/write-your-own-provider.md');
  const blocks = Array.from(page.matchAll(/^```ts\n([^]*?)\n```$/gm), ([, code = '']) => code);
  const cuts = Array.from(
    page.matchAll(/^<!-- from (\S+) -->\n\n```ts\n([^]*?)\n```$/gm),
    ([, path = '', code = '']) => ({
      path,
      code,
    }),
  );

  test.each(cuts)('has code as it is in $path', ({ path, code }) => {
    expect(read(path)).toContain(`${code}\n`);
  });

  test('has no other code', () => {
    expect(cuts.map(({ code }) => code)).toEqual(blocks);
  });
});

test('docs/gridengine.md has the script that its provider makes', () => {
  const page = read('docs/gridengine.md');
  const script = /<!-- script -->\n\n```sh\n([^]*?)```/.exec(page)?.[1];
  const options = { queue: 'all.q', parallelEnvironment: 'smp', slotsPerNode: 2, walltime: '00:10:00' };
  const request = {
    name: 'parsl.cluster.block-0.1f3c9a2e',
    command: '/bin/true',
    tasksPerNode: 1,
    scriptDir: '/',
  };
  const checked = checkOptions('GridEngineProvider', options, GRID_ENGINE_PROVIDER_SCHEMA);
  expect(script?.length).toBeGreaterThan(0);
  expect(gridEngineScript(request, checked).slice(0, script?.length)).toBe(script);
});

test.each(['docs/gridengine.md', 'packages/provider-gridengine/README.md'])(
  '%s names every option',
  (path) => {
    const page = read(path);
    expect(Object.keys(GRID_ENGINE_PROVIDER_SCHEMA).filter((name) => !page.includes(`\`${name}\``))).toEqual(
      [],
    );
  },
);
