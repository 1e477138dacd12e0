import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cjsPackage, imports, report } from './fixtures/report.js';

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

  test.each([
    ['used in the function', `const fn = () => process.argv[2];`],
    ['used in a constant', `const n = Number(process.argv[2] ?? 7); const fn = () => n;`],
    ['of an imported process', `import p_process from 'node:process'; const fn = () => p_process['argv'];`],
    ['imported', `import { argv } from 'node:process'; const fn = () => argv.length;`],
    ['destructured', `const { argv } = process; const fn = () => argv.length;`],
    [
      'parsed',
      `import { parseArgs } from 'node:util';
      const { values } = parseArgs({ strict: false }); const fn = () => values.n;`,
    ],
  ])('the arguments of the program, %s, are refused', async (_name, text) => {
    const found = await report({
      'main.js': `${imports}
        ${text}
        console.log(JSON.stringify(await show(bundleFunction(fn))));`,
    });
    expect(found['kinds']).toEqual(['program-arguments']);
  });

  test('arguments that are given are none of the program', async () => {
    const found = await report({
      'main.js': `${imports}
        import { parseArgs } from 'node:util';
        const fn = (args) => parseArgs({ args, options: { n: { type: 'string' } } }).values.n;
        console.log(process.argv.length > 0 && JSON.stringify(await show(bundleFunction(fn), [['--n', '3']])));`,
    });
    expect(found).toEqual({ value: '3' });
  });

  test('a helper that imports the main script is refused, because the program would run again', async () => {
    const found = await report({
      'helper.js': `import { factor } from './main.js'; export const scaled = (x) => x * factor();`,
      'main.js': `${imports}
        import { scaled } from './helper.js';
        export const factor = () => 2;
        console.log(JSON.stringify({
          refused: await show(bundleFunction((x) => scaled(x)), [1]),
          direct: await show(bundleFunction((x) => x * factor()), [1]),
        }));`,
    });
    expect(found).toMatchObject({ refused: { kinds: ['main-script'] }, direct: { value: 2 } });
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

describe('what a project may be set up with', () => {
  test('paths of tsconfig.json, JSON modules, decorators and JSX', async () => {
    const found = await report(
      {
        'tsconfig.json': JSON.stringify({
          compilerOptions: {
            paths: { '#lib/*': ['./lib/*'] },
            experimentalDecorators: true,
            jsx: 'react',
            jsxFactory: 'element',
          },
        }),
        'lib/scale.ts': `export const scale = (x: number): number => x * 3;`,
        'lib/data.json': '{ "base": 5 }',
        'view.tsx': `
          const element = (tag: string, props: unknown, ...inner: string[]) => tag + inner.join('');
          export const view = (text: string) => <b>{text}</b>;
        `,
        'main.ts': `${imports}
          import data from './lib/data.json';
          import { scale } from '#lib/scale.ts';
          import { view } from './view.tsx';
          function named(_target: object, key: string): void { names.push(key); }
          const names: string[] = [];
          class Task { @named run(): string[] { return names; } }
          const all = [(x: number) => scale(x) + data.base, () => new Task().run(), view] as const;
          const found = [];
          for (const [i, fn] of all.entries()) found.push(await show(bundleFunction(fn as never), [i + 1]));
          console.log(JSON.stringify({ found }));`,
        'main.js': `import './main.ts';`,
      },
      '--import',
      'tsx',
    );
    expect(found).toEqual({ found: [{ value: 8 }, { value: ['run'] }, { value: 'b3' }] });
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
  // Node 20 has the option under its first name only.
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const denied = [permission, '--allow-fs-read=*', '--allow-fs-write=*', '--allow-child-process'];

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
      refused: { kinds: ['captured-variable'] },
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
  test.runIf(process.platform === 'linux')(
    'a worker thread can bundle, and nothing keeps the process or stays behind',
    async () => {
      const found = await report({
        'thread.js': `${imports}
        import { parentPort } from 'node:worker_threads';
        const base = 10;
        parentPort.postMessage(await show(bundleFunction((x) => x + base), [1]));`,
        'main.js': `${imports}
        import { warmUp } from '@parsl-ts/bundler';
        import { Worker } from 'node:worker_threads';
        import { readFileSync } from 'node:fs';
        await warmUp();
        const here = await show(bundleFunction((x) => x - 1), [1]);
        const thread = await new Promise((resolve) => new Worker(new URL('./thread.js', import.meta.url)).once('message', resolve));
        debugger;
        const children = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim().split(' ');
        const service = children.find((pid) => readFileSync('/proc/' + pid + '/comm', 'utf8').trim() === 'esbuild');
        console.log(JSON.stringify({ here, thread, service: Number(service) }));`,
      });
      expect(found).toMatchObject({ here: { value: 0 }, thread: { value: 11 } });
      const service = Number(found['service']);
      expect(service).toBeGreaterThan(0);
      await expect.poll(() => isAlive(service)).toBe(false);
    },
  );

  test.runIf(process.platform === 'linux')('a killed esbuild is started again', async () => {
    const found = await report({
      'main.js': `${imports}
        import { readFileSync } from 'node:fs';
        await bundleFunction((x) => x - 1);
        const [child] = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim().split(' ');
        process.kill(Number(child), 'SIGKILL');
        while (readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').includes(child)) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        console.log(JSON.stringify(await show(bundleFunction((x) => x + 1), [1])));`,
    });
    expect(found).toEqual({ value: 2 });
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
    return !readFileSync(`/proc/${String(pid)}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
