import type { Plugin } from 'esbuild';

const commonjs = 'parsl-external';
const wrapper = 'parsl-external-module';

/**
 * Loads the packages named by `external` where the worker runs: from its working directory, from `NODE_PATH`, and from
 * beside the bundle. A plain `import` would only look beside the bundle, which lies in a scratch directory.
 */
export function externalPackages(names: readonly string[]): Plugin {
  return {
    name: 'parsl-external',
    setup(build) {
      if (names.length === 0) return;
      const filter = new RegExp(`^(?:${names.map(escapePattern).join('|')})(?:/|$)`);
      build.onResolve({ filter }, ({ path, kind, namespace }) => ({
        path,
        namespace: kind === 'require-call' || namespace === wrapper ? commonjs : wrapper,
      }));
      build.onLoad({ filter: /.*/, namespace: commonjs }, ({ path }) => ({
        contents: loaderOf(path),
        loader: 'js',
      }));
      build.onLoad({ filter: /.*/, namespace: wrapper }, ({ path }) => ({
        contents: moduleOf(path),
        loader: 'js',
      }));
    },
  };
}

/** The resolution of `require` also serves ES modules, from Node 20.19 on. */
function loaderOf(name: string): string {
  return `
const { createRequire } = require('node:module');
const path = require('node:path');
const places = [path.join(process.cwd(), 'worker.js'), parslBundleFile];
const name = ${JSON.stringify(name)};
const load = () => {
  for (const place of places) {
    const from = createRequire(place);
    try {
      from.resolve(name);
    } catch {
      continue;
    }
    return from(name);
  }
  throw new Error("the package '" + name + "' was left out of the bundle (external) and is not installed where this worker runs; looked from " + places.join(' and '));
};
module.exports = load();
`;
}

/** Gives a CommonJS package and an ES module the default and named exports that a native import would see. */
function moduleOf(name: string): string {
  const specifier = JSON.stringify(name);
  return `
import { types } from 'node:util';
const loaded = require(${specifier});
export * from ${specifier};
export default types.isModuleNamespaceObject(loaded) ? loaded.default : loaded;
`;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
