import { describe, expect, test } from 'vitest';
import { cjsPackage, imports, report } from './fixtures/report.js';

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
    expect(found).toMatchObject({ refused: { kinds: ['client-only'] } });
    expect(JSON.stringify(found['nested'])).toContain(
      'load of @parsl-ts works in the submitting process only',
    );
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
