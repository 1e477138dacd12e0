import { arrows, installedOnly } from './arrows.mjs';
import { packageDirs, readManifest } from './workspace.mjs';

/** @import { Manifest } from './workspace.mjs' */

const scope = '@parsl-ts/';

/**
 * What is wrong with the manifests of the published packages: dependencies that the arrows do not allow, and facts that
 * hold for every package.
 *
 * @returns {string[]}
 */
export function manifestProblems() {
  return packageDirs()
    .filter((dir) => dir.startsWith('packages/'))
    .flatMap((dir) => packageProblems(dir, readManifest(dir)));
}

/**
 * @param {string} dir
 * @param {Manifest} manifest
 * @returns {string[]}
 */
export function packageProblems(dir, manifest) {
  const name = dir.slice('packages/'.length);
  const allowed = [...(arrows[name] ?? []), ...(installedOnly[name] ?? [])];
  const own = Object.entries(manifest.dependencies ?? {}).filter(([other]) => other.startsWith(scope));
  /** @type {[boolean, string][]} */
  const rules = [
    [manifest.name === scope + name, `is named ${manifest.name}, not ${scope}${name}`],
    [arrows[name] !== undefined, 'is not in tooling/scripts/arrows.mjs'],
    [manifest.type === 'module', 'needs "type": "module"'],
    [manifest.license === 'Apache-2.0', 'needs "license": "Apache-2.0"'],
    [manifest.sideEffects === false, 'needs "sideEffects": false'],
    [
      manifest.engines?.['node'] === readManifest('.').engines?.['node'],
      'needs the same "engines" as the root',
    ],
    [manifest.publishConfig?.access === 'public', 'needs "publishConfig": { "access": "public" }'],
    [manifest.files?.includes('dist') ?? false, 'needs "files" with "dist"'],
    [manifest.private !== true, 'is private, but stands in packages/'],
    [!hasInstallScript(manifest), 'runs a script when it is installed: no package here needs one'],
    ...own.map(
      ([other]) =>
        /** @type {[boolean, string]} */ ([
          allowed.includes(other.slice(scope.length)),
          `depends on ${other}, which the arrows of the architecture do not allow`,
        ]),
    ),
    ...own.map(
      ([other, range]) =>
        /** @type {[boolean, string]} */ ([
          range === 'workspace:^',
          `depends on ${other} as "${range}", not as "workspace:^"`,
        ]),
    ),
  ];
  return rules.filter(([holds]) => !holds).map(([, problem]) => `${dir}/package.json ${problem}`);
}

/**
 * Whether npm runs something when it installs a package from the registry.
 *
 * @param {Manifest} manifest
 */
export function hasInstallScript({ scripts = {} }) {
  return ['preinstall', 'install', 'postinstall'].some((name) => scripts[name] !== undefined);
}
