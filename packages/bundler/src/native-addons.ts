import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OnResolveArgs, Plugin } from 'esbuild';
import type { ShippingProblem } from './function-not-shippable-error.js';

/** Packages whose only purpose is to find the compiled part of the package that requires them. */
const addonLoaders =
  /^(?:bindings|node-gyp-build(?:-optional-packages)?|pkg-prebuilds|@mapbox\/node-pre-gyp)$/;
const namespace = 'parsl-native-addon';

/**
 * Finds packages with compiled code, which a bundle cannot hold. One that its dependent declares optional is replaced by
 * a module that throws, as if it were not installed; any other is a problem.
 */
export function nativeAddons(problems: Map<string, ShippingProblem>): Plugin {
  const owners = new Map<string, Promise<Manifest | undefined>>();
  const optional = new Set<string>();
  const ownerOf = (directory: string): Promise<Manifest | undefined> => {
    let owner = owners.get(directory);
    if (owner === undefined) {
      owner = findManifest(directory);
      owners.set(directory, owner);
    }
    return owner;
  };
  return {
    name: 'parsl-native-addons',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir }) => {
        if (kind !== 'require-call' || path.startsWith('node:')) return undefined;
        const manifest = await ownerOf(resolveDir);
        if (manifest?.optional.has(path) === true) optional.add(path);
        return undefined;
      });
      const refuse = async ({ resolveDir }: OnResolveArgs) => {
        const name = (await ownerOf(resolveDir))?.name ?? 'your project';
        if (!optional.has(name)) problems.set(name, addonProblem(name));
        return { path: name, namespace };
      };
      build.onResolve({ filter: /\.node$/ }, refuse);
      build.onResolve({ filter: addonLoaders }, refuse);
      build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
        contents: `throw Object.assign(new Error(${JSON.stringify(`the compiled part of ${path} does not travel with the bundle`)}), { code: 'MODULE_NOT_FOUND' });`,
        loader: 'js',
      }));
    },
  };
}

function addonProblem(name: string): ShippingProblem {
  return {
    kind: 'native-addon',
    name,
    detail: `needs the package '${name}', which has compiled code (a native addon)`,
    place: undefined,
    remedy: `Install '${name}' where the workers run, and name it in the option external: ['${name}'].`,
  };
}

interface Manifest {
  readonly name: string;
  readonly optional: ReadonlySet<string>;
}

/** The nearest `package.json` with a name, upwards from a directory. */
async function findManifest(directory: string): Promise<Manifest | undefined> {
  for (let at = directory; ; at = dirname(at)) {
    const manifest = await readManifest(join(at, 'package.json'));
    if (manifest !== undefined) return manifest;
    if (dirname(at) === at) return undefined;
  }
}

async function readManifest(file: string): Promise<Manifest | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    // Most directories have none.
    return undefined;
  }
  const fields: unknown = JSON.parse(text);
  if (typeof fields !== 'object' || fields === null) return undefined;
  if (!('name' in fields) || typeof fields.name !== 'string') return undefined;
  const names = new Set<string>();
  if ('optionalDependencies' in fields)
    for (const name of keysOf(fields.optionalDependencies)) names.add(name);
  if ('peerDependenciesMeta' in fields)
    for (const name of keysOf(fields.peerDependenciesMeta)) names.add(name);
  return { name: fields.name, optional: names };
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
