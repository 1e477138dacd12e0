import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { phase } from './phase.mjs';
import { root } from './paths.mjs';

/**
 * Remembers what was installed, so that a repeated run need not ask. Lives in node_modules, so that it goes when that
 * goes.
 */
const stampFile = join(root, 'node_modules', '.parsl-ts-installed.json');

/** Environment for the tools: nobody is asked or told anything, and nothing stays running. */
const quietTools = { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' };

/**
 * Installs the dependencies with the pnpm that package.json pins, whichever pnpm is or is not on this machine. Does
 * nothing if the last installation still stands.
 *
 * @returns {Promise<Record<string, string>>} the environment in which this repository's tools run
 */
export async function install() {
  const wanted = installationKey();
  const installed = readStamp();
  if (installed?.key === wanted && existsSync(installed.pnpm) && isComplete()) return toolEnv(installed.pnpm);

  const pnpm = await findPnpm();
  const env = toolEnv(pnpm);
  // Without a terminal pnpm would refuse to replace a node_modules that another version of it has made.
  await phase('install', [pnpm, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'], {
    env,
  });
  writeFileSync(stampFile, JSON.stringify({ key: wanted, pnpm }));
  return env;
}

/**
 * Builds packages and what they depend on. Turbo skips what has not changed.
 *
 * @param {Record<string, string>} env from {@link install}
 * @param {readonly string[]} [packages] names; default: all
 */
export async function build(env, packages = []) {
  const filters = packages.map((name) => `--filter=${name}...`);
  await phase('build', [bin('turbo'), 'run', 'build', '--output-logs=errors-only', ...filters], { env });
}

/**
 * Path of a tool in the root's devDependencies.
 *
 * @param {string} name
 */
export function bin(name) {
  return join(root, 'node_modules', '.bin', name);
}

/** Directories of the workspace's packages, relative to the root, as pnpm-workspace.yaml lists them. */
export function packageDirs() {
  const yaml = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const list = /^packages:\n((?: +- .*\n)+)/m.exec(yaml)?.[1] ?? '';
  return [...list.matchAll(/- (\S+)\/\*$/gm)].flatMap(([, parent = '']) => {
    if (!existsSync(join(root, parent))) return [];
    return readdirSync(join(root, parent))
      .map((name) => `${parent}/${name}`)
      .filter((dir) => existsSync(join(root, dir, 'package.json')))
      .sort();
  });
}

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {string} [type]
 * @property {string} [license]
 * @property {boolean} [sideEffects]
 * @property {Record<string, string>} [engines]
 * @property {{ access?: string }} [publishConfig]
 * @property {string[]} [files]
 * @property {Record<string, string>} [scripts]
 * @property {Record<string, unknown>} [exports]
 * @property {Record<string, string>} [bin]
 * @property {string} [packageManager]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 */

/**
 * @param {string} dir relative to the root
 * @returns {Manifest} the package.json in it
 */
export function readManifest(dir) {
  return JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8'));
}

/** The pinned pnpm; npx downloads it once and keeps it in npm's cache. */
async function findPnpm() {
  const pinned = readManifest('.').packageManager ?? 'pnpm';
  const argv = ['npx', '--yes', `--package=${pinned}`, '-c', 'command -v pnpm'];
  return (await phase(pinned, argv)).trim();
}

/** @param {string} pnpm absolute path */
function toolEnv(pnpm) {
  return { ...quietTools, PATH: `${dirname(pnpm)}${delimiter}${process.env['PATH'] ?? ''}` };
}

/** Changes whenever another installation would give another result. */
function installationKey() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  const manifests = ['.', ...packageDirs()].map((dir) => join(dir, 'package.json'));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/** Whether the directories of an installation are still there. */
function isComplete() {
  return packageDirs().every((dir) => {
    const { dependencies = {}, devDependencies = {} } = readManifest(dir);
    return [...Object.keys(dependencies), ...Object.keys(devDependencies)].every((name) =>
      existsSync(join(root, dir, 'node_modules', name)),
    );
  });
}

/** @returns {{ key: string, pnpm: string } | undefined} */
function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return undefined; // Never installed, or cut off while writing: installing again is right in both cases.
  }
}
