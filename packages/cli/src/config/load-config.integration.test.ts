import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { HighThroughputExecutor } from '@parsl-ts/htex';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { CommandError } from '../command-error.js';
import { loadConfig } from './load-config.js';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parsl-config-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

function write(name: string, content: string): string {
  const file = join(dir, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

describe('a configuration is loaded', () => {
  test.each([
    ['a.ts', 'const retries: number = 1; export default { retries };'],
    ['a.mts', 'export default { retries: 1 as number };'],
    ['a.js', 'export default { retries: 1 };'],
    ['a.mjs', 'export default { retries: 1 };'],
    ['a.cjs', 'module.exports = { retries: 1 };'],
    ['function.ts', 'export default (): object => ({ retries: 1 });'],
    ['async.ts', 'export default async () => ({ retries: await Promise.resolve(1) });'],
    ['await.ts', 'export default { retries: await Promise.resolve(1) };'],
    ['helper.ts', "import { retries } from './lib/helper.js'; export default { retries };"],
  ])('%s', async (name, content) => {
    write('lib/helper.ts', 'export enum Kind { A } export const retries: number = Kind.A + 1;');
    expect(await loadConfig(write(name, content))).toEqual({ retries: 1 });
  });

  test.each(['ts', 'mjs'])('%s, with packages that its project does not have', async (kind) => {
    const file = write(
      `a.${kind}`,
      `import { HighThroughputExecutor } from '@parsl-ts/htex';
       import { LocalProvider } from '@parsl-ts/provider-local';
       import { defineConfig } from '@parsl-ts/cli';
       export default defineConfig({
         executors: [new HighThroughputExecutor({ provider: new LocalProvider() })],
       });`,
    );
    const { executors } = await loadConfig(file);
    expect(executors?.[0]?.constructor.name).toBe(HighThroughputExecutor.name);
  });

  test('with the packages of its project where it has them', async () => {
    write(
      'node_modules/@parsl-ts/htex/package.json',
      '{ "name": "@parsl-ts/htex", "type": "module", "exports": "./a.js" }',
    );
    write('node_modules/@parsl-ts/htex/a.js', 'export const HighThroughputExecutor = "theirs";');
    const file = write('a.ts', "import * as htex from '@parsl-ts/htex'; export default { ...htex };");
    expect(await loadConfig(file)).toEqual({ HighThroughputExecutor: 'theirs' });
  });
});

const misspelt = `import { HighThroughputExecutor } from '@parsl-ts/htex';
  export default { executors: [new HighThroughputExecutor({ lable: 'cpu' })] };`;

describe('a configuration is refused, with its file and what is wrong', () => {
  test.each([
    ['no default', 'export const config = {}, n = 1;', "no default export, it exports 'config', 'n'; write:"],
    ['nothing', '', 'no default export, it exports nothing; write:'],
    ['a number', 'export default 3;', 'it exports a value of type number, not a configuration'],
    ['an array', 'export default [];', 'it exports an array, not a configuration'],
    ['null', 'export default null;', 'it exports null, not a configuration'],
    [
      'a function of nothing',
      'export default () => undefined;',
      'the function that it exports returned undefined',
    ],
    [
      'a function of text',
      'export default async () => "x";',
      'that it exports returned a value of type string',
    ],
    ['a wrong option', misspelt, "unknown option 'lable' of HighThroughputExecutor; did you mean 'label'?"],
    ['a syntax error', 'export default { retries: 1', 'Unexpected token'],
    ['a thrown text', 'throw "words";', 'it threw words'],
    ['a function that throws', 'export default () => { throw new RangeError("far"); };', 'RangeError: far'],
    [
      'an absent package',
      "import 'absent'; export default {};",
      "imports 'absent', which its project does not have",
    ],
    ['an absent scoped package', "import '@a/b/c'; export default {};", 'install it: npm install @a/b'],
    ['an absent file', "import './absent.js'; export default {};", "Cannot find module './absent.js'"],
  ])('%s', async (_what, content, message) => {
    const file = write('a.ts', content);
    const error: unknown = await loadConfig(file).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(message) });
    expect(error).toMatchObject({ message: expect.stringMatching(/^--config .*a\.ts: /) });
  });

  test('the place of an error that the file throws is said', async () => {
    const file = write('a.ts', 'const nothing: { x?: { y: number } } = {};\n\nexport default nothing.x.y;');
    await expect(loadConfig(file)).rejects.toThrow(`${file}:3:`);
  });

  test('a file that does not exist', async () => {
    await expect(loadConfig(join(dir, 'absent.ts'))).rejects.toThrow('there is no such file');
  });
});
