import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasInstallScript } from './manifests.mjs';
import { root } from './paths.mjs';

/**
 * The packages that would run something when they are installed, and why that is not needed. pnpm and the check of the packed
 * packages install without, so what is said here is tried each time.
 *
 * @type {Readonly<Record<string, string>>}
 */
const UNNEEDED = {
  esbuild: 'it comes as a package for each platform; the script only makes its command start faster',
  'msgpackr-extract':
    'it comes as a package for each platform, and msgpackr does without where there is none',
  zeromq: 'its binaries are in the package; the script would build one for a platform that has none',
};

/**
 * What is wrong with the install scripts of all that the workspace has installed.
 *
 * @returns {string[]}
 */
export function installScriptProblems() {
  const names = new Set(
    installed()
      .filter(hasInstallScript)
      .map(({ name }) => name),
  );
  return [...names]
    .filter((name) => UNNEEDED[name] === undefined)
    .map(
      (name) =>
        `${name} runs a script when it is installed; do without it, or say in tooling/scripts/install-scripts.mjs and in ` +
        'pnpm-workspace.yaml why it is, or is not, needed',
    );
}

/** @returns {import('./workspace.mjs').Manifest[]} */
function installed() {
  const store = join(root, 'node_modules', '.pnpm');
  return readdirSync(store)
    .filter((entry) => entry.includes('@'))
    .map((entry) => {
      // `@scope+name@1.0.0_peers`, or `name@1.0.0`; names that are too long end in a hash, and none of these has scripts.
      const name = entry.slice(0, entry.indexOf('@', 1)).replace('+', '/');
      return join(store, entry, 'node_modules', name, 'package.json');
    })
    .filter(existsSync)
    .map((file) => JSON.parse(readFileSync(file, 'utf8')));
}
