import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { Project } from './fixtures/project.js';

/** Makes a project around a main script, which prints its findings as one JSON line, and returns them. */
async function report(
  files: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Record<string, unknown>> {
  await using project = await Project.create({
    'package.json': JSON.stringify({ name: 'fixture', type: 'module' }),
    'empty/.keep': '',
    ...files,
  });
  await writeFile(project.path('show.js'), show);
  const output = await project.node(...args, 'main.js');
  const parsed: Record<string, unknown> = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  return parsed;
}

/** Bundles, runs the bundle in a process of its own in another directory, and describes what came of it. */
const show = `
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function show(bundling, args = [], cwd = undefined) {
  let bundle;
  try {
    bundle = await bundling;
  } catch (error) {
    return { code: error.code, message: error.message, kinds: error.problems?.map(({ kind }) => kind) };
  }
  const directory = mkdtempSync(join(tmpdir(), 'parsl-show-'));
  const file = join(directory, bundle.id + '.mjs');
  writeFileSync(file, bundle.code);
  const script = 'const { default: fn } = await import(process.argv[1]);' +
    'try { console.log(JSON.stringify({ value: await fn(...JSON.parse(process.argv[2])) })) }' +
    'catch (error) { console.log(JSON.stringify({ thrown: String(error), name: error.name })) }';
  try {
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, file, JSON.stringify(args)],
      { cwd: cwd ?? directory, encoding: 'utf8', env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
    return JSON.parse(output.trim().split('\\n').at(-1));
  } catch (error) {
    return { crashed: String(error.stderr) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
`;

const imports = `
import { bundleExport, bundleFunction, locateFunction } from '@parsl-ts/bundler';
import { show } from './show.js';
`;

const cjsPackage = {
  'node_modules/old/package.json': JSON.stringify({ name: 'old', main: 'index.js' }),
  'node_modules/old/index.js': `
    const fs = require('fs');
    exports.isFile = (path) => fs.existsSync(path);
    exports.here = () => typeof __dirname + typeof __filename;
  `,
};

const nativePackage = {
  'node_modules/fast/package.json': JSON.stringify({ name: 'fast', main: 'index.js' }),
  'node_modules/fast/index.js': `module.exports = { speed: () => require('./build/fast.node') || 1 };`,
  'node_modules/fast/build/fast.node': 'not for real',
};

describe('packages', () => {
  test('CommonJS packages find require, __dirname and built-in modules', async () => {
    const found = await report({
      ...cjsPackage,
      'main.js': `${imports}
        import { here, isFile } from 'old';
        console.log(JSON.stringify(await show(bundleFunction(() => [isFile('/'), here()]))));`,
    });
    expect(found).toEqual({ value: [true, 'stringstring'] });
  });

  test('a package with a native addon is refused by name, with the option that helps', async () => {
    const found = await report({
      ...nativePackage,
      'main.js': `${imports}
        import fast from 'fast';
        console.log(JSON.stringify(await show(bundleFunction(() => fast.speed()))));`,
    });
    expect(found['kinds']).toEqual(['native-addon']);
    expect(found['message']).toContain("external: ['fast']");
  });

  test('an addon that its dependent can do without does not stand in the way', async () => {
    const found = await report({
      ...nativePackage,
      'node_modules/codec/package.json': JSON.stringify({
        name: 'codec',
        optionalDependencies: { fast: '*' },
      }),
      'node_modules/codec/index.js': `let fast; try { fast = require('fast').speed(); } catch {} exports.fast = fast ?? 'slow';`,
      'main.js': `${imports}
        import { fast } from 'codec';
        console.log(JSON.stringify(await show(bundleFunction(() => fast))));`,
    });
    expect(found).toEqual({ value: 'slow' });
  });

  test('an external package is taken from where the worker runs', async () => {
    const found = await report({
      'node_modules/site/package.json': JSON.stringify({
        name: 'site',
        type: 'module',
        exports: './index.js',
      }),
      'node_modules/site/index.js': `export const name = 'project'; export default () => 'project';`,
      'worker/node_modules/site/package.json': JSON.stringify({
        name: 'site',
        type: 'module',
        exports: './index.js',
      }),
      'worker/node_modules/site/index.js': `export const name = 'site'; export default () => 'default';`,
      'main.js': `${imports}
        import make, { name } from 'site';
        const bundling = () => bundleFunction(() => [make(), name], { external: ['site'] });
        console.log(JSON.stringify({
          there: await show(bundling(), [], new URL('./worker', import.meta.url).pathname),
          missing: await show(bundling()),
        }));`,
    });
    expect(found['there']).toEqual({ value: ['default', 'site'] });
    expect(JSON.stringify(found['missing'])).toContain(
      "'site' was left out of the bundle (external) and is not installed",
    );
  });

  test('a missing package is named', async () => {
    const found = await report({
      'main.js': `${imports}
        console.log(JSON.stringify(await show(bundleFunction(async () => (await import('nowhere')).x))));`,
    });
    expect(found['kinds']).toEqual(['unresolved-import']);
    expect(found['message']).toMatch(/needs 'nowhere'.*main\.js:\d+:\d+/);
  });
});

describe('this system itself', () => {
  const core = {
    'node_modules/@parsl-ts/core/package.json': JSON.stringify({
      name: '@parsl-ts/core',
      type: 'module',
      exports: './index.js',
    }),
    'node_modules/@parsl-ts/core/index.js': `
      export const app = (fn) => Object.assign(() => { throw new Error('not a worker'); }, { with: () => {}, fn });
      export class TaskError extends Error {}
      export const load = async () => ({});
      export class DataFlowKernel {}
    `,
  };

  test('an app may call another app of its module, and its errors can be told apart', async () => {
    const found = await report({
      ...core,
      'main.js': `${imports}
        import { app, TaskError } from '@parsl-ts/core';
        const double = app((x) => 2 * x);
        console.log(JSON.stringify({
          value: await show(bundleFunction((x) => double(x) + double.with({ retries: 1 })(x)), [2]),
          thrown: await show(bundleFunction((text) => { throw new TaskError(text); }), ['no']),
        }));`,
    });
    expect(found).toEqual({ value: { value: 8 }, thrown: { thrown: 'TaskError: no', name: 'TaskError' } });
  });

  test('what only the submitting process can do is refused, or fails with a clear error inside a helper module', async () => {
    const found = await report({
      ...core,
      'helper.js': `import { load } from '@parsl-ts/core'; export const nested = () => load();`,
      'main.js': `${imports}
        import { load } from '@parsl-ts/core';
        import { nested } from './helper.js';
        console.log(JSON.stringify({
          refused: await show(bundleFunction(() => load())),
          nested: await show(bundleFunction(() => nested())),
        }));`,
    });
    expect(found).toMatchObject({
      refused: { kinds: ['client-only'] },
      nested: { thrown: expect.stringContaining('load of @parsl-ts works in the submitting process only') },
    });
  });

  test('a kernel held by the module is refused', async () => {
    const found = await report({
      ...core,
      'main.js': `${imports}
        import { load } from '@parsl-ts/core';
        const dfk = await load();
        console.log(JSON.stringify(await show(bundleFunction(() => dfk.label))));`,
    });
    expect(found['kinds']).toEqual(['top-level-await']);
    expect(found['message']).toContain("'dfk'");
  });
});

describe('what depends on its place', () => {
  test.each([
    ['import.meta', '() => import.meta.url', 'module-path'],
    ['import.meta in a constant', '() => directory', 'module-path'],
    ['eval', '(text) => eval(text)', 'eval'],
    ['a global of the program', '() => mine', 'global'],
  ])('%s is refused', async (_name, fn, kind) => {
    const found = await report({
      'main.js': `${imports}
        const directory = new URL('.', import.meta.url).pathname;
        globalThis.mine = 1;
        console.log(JSON.stringify(await show(bundleFunction(${fn}))));`,
    });
    expect(found['kinds']).toEqual([kind]);
  });

  test('require made by createRequire is bundled like an import', async () => {
    const found = await report({
      ...cjsPackage,
      'main.js': `${imports}
        import { createRequire } from 'node:module';
        const require = createRequire(import.meta.url);
        const old = require('old');
        console.log(JSON.stringify(await show(bundleFunction(() => old.isFile('/')))));`,
    });
    expect(found).toEqual({ value: true });
  });
});

describe('by reference', () => {
  const files = {
    'tasks.ts': `
      import { base } from './base.js';
      const hidden = (x: number): number => x;
      export const add = (x: number): number => hidden(x) + base;
      export default (x: number): number => x;
    `,
    'base.ts': `export const base: number = 40;`,
  };

  test('an export of a TypeScript module is packed, under its JavaScript name too', async () => {
    const found = await report({
      ...files,
      'main.js': `${imports}
        const url = new URL('./tasks.js', import.meta.url);
        console.log(JSON.stringify([await show(bundleExport(url, 'add'), [2]), await show(bundleExport(url.href, 'default'), [2])]));`,
    });
    expect(found).toEqual([{ value: 42 }, { value: 2 }]);
  });

  test('a missing export and a missing module are named, with what there is', async () => {
    const found = await report({
      ...files,
      'main.js': `${imports}
        console.log(JSON.stringify({
          hidden: await show(bundleExport(new URL('./tasks.ts', import.meta.url), 'hidden')),
          module: await show(bundleExport(new URL('./nowhere.js', import.meta.url), 'x')),
        }));`,
    });
    expect(found).toMatchObject({
      hidden: { kinds: ['missing-export'] },
      module: { kinds: ['unresolved-import'] },
    });
    expect(JSON.stringify(found['hidden'])).toMatch(/It exports 'add', 'default'/);
  });
});

describe('where V8 must not be asked', () => {
  const major = Number(process.versions.node.split('.')[0]);
  const denied = [
    major < 23 ? '--experimental-permission' : '--permission',
    '--allow-fs-read=*',
    '--allow-fs-write=*',
    '--allow-child-process',
  ];

  test('a function that needs its arguments only is taken from its own text', async () => {
    const found = await report(
      {
        'main.js': `${imports}
          const methods = { async twice(x) { return 2 * x; } };
          const outer = 1;
          console.log(JSON.stringify({
            location: String(await locateFunction(() => 1)),
            arrow: await show(bundleFunction((x) => Math.abs(x)), [-1]),
            method: await show(bundleFunction(methods.twice), [2]),
            refused: await show(bundleFunction(() => outer)),
          }));`,
      },
      ...denied,
    );
    expect(found).toMatchObject({
      location: 'undefined',
      arrow: { value: 1 },
      method: { value: 4 },
      refused: { kinds: ['captured-variable'], message: expect.stringContaining('module: import.meta.url') },
    });
  });

  test('the option module leads to the source', async () => {
    const found = await report(
      {
        'helper.js': `export const helper = (x) => x + 1;`,
        'main.js': `${imports}
          import { helper } from './helper.js';
          const options = { module: import.meta.url };
          const base = 10;
          function declared(x) { return helper(x) + base; }
          console.log(JSON.stringify({
            arrow: await show(bundleFunction((x) => helper(x) + base, options), [1]),
            other: await show(bundleFunction((x) => helper(x) - base, options), [1]),
            declared: await show(bundleFunction(declared, options), [1]),
            refused: await show(((local) => bundleFunction(() => local, options))(1)),
          }));`,
      },
      ...denied,
    );
    expect(found).toMatchObject({
      arrow: { value: 12 },
      other: { value: -8 },
      declared: { value: 12 },
      refused: { kinds: ['captured-variable'] },
    });
  });
});

describe('the process', () => {
  test('a worker thread can bundle, and nothing keeps the process or stays behind', async () => {
    const found = await report({
      'thread.js': `${imports}
        import { parentPort } from 'node:worker_threads';
        const base = 10;
        parentPort.postMessage(await show(bundleFunction((x) => x + base), [1]));`,
      'main.js': `${imports}
        import { warmUp } from '@parsl-ts/bundler';
        import { Worker } from 'node:worker_threads';
        import { execFileSync } from 'node:child_process';
        await warmUp();
        const here = await show(bundleFunction((x) => x - 1), [1]);
        const thread = await new Promise((resolve) => new Worker(new URL('./thread.js', import.meta.url)).once('message', resolve));
        debugger;
        const children = execFileSync('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' });
        const service = /(\\d+) esbuild/.exec(children)?.[1];
        console.log(JSON.stringify({ here, thread, service: Number(service) }));`,
    });
    expect(found).toMatchObject({ here: { value: 0 }, thread: { value: 11 } });
    const service = Number(found['service']);
    expect(service).toBeGreaterThan(0);
    await expect.poll(() => isAlive(service)).toBe(false);
  });

  test('neither the place of the project nor the working directory changes the id', async () => {
    const files = {
      'lib/helper.js': `export const helper = (x) => x + 1;`,
      'main.js': `${imports}
        import { helper } from './lib/helper.js';
        process.chdir(process.argv[2] ?? '.');
        const { id } = await bundleFunction((x) => helper(x));
        console.log(JSON.stringify({ id }));`,
    };
    const [one, other] = [await report(files), await report(files)];
    expect(one['id']).toMatch(/^[0-9a-f]{64}$/);
    expect(other).toEqual(one);
  });
});

/** A process that ended stays listed as a zombie where nothing collects it. */
function isAlive(pid: number): boolean {
  try {
    return !/^Z/m.test(execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}
