import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { handOver, PhaseError } from './phase.mjs';
import { reportsDir, root } from './paths.mjs';
import { build, install } from './workspace.mjs';

const TYPESCRIPT_MAIN = ['--import', 'tsx', 'src/main.ts'];

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const commands = { quickstart, test, check, bench, scale, stress, soak, fuzz, intruders };

/**
 * Runs one of the commands that package.json offers to people, and ends the process with its exit code.
 *
 * @param {string | undefined} name
 * @param {string[]} args
 */
export async function runCommand(name, args) {
  const command = commands[name ?? ''];
  if (command === undefined) {
    console.error(`Usage: npm run <${Object.keys(commands).join(' | ')}>`);
    process.exitCode = 2;
    return;
  }
  try {
    process.exitCode = await command(args);
  } catch (error) {
    if (!(error instanceof PhaseError)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}

/** @param {string[]} args */
async function quickstart(args) {
  const env = await install();
  await build(env, ['@parsl-ts-examples/flights']);
  console.log();
  const cwd = join(root, 'apps/examples/flights');
  return handOver([process.execPath, '--import', 'tsx', 'src/main.ts', ...args], { cwd, env });
}

/** @param {string[]} args Vitest's: file name filters and flags. */
async function test(args) {
  const env = await install();
  await build(env);
  mkdirSync(reportsDir, { recursive: true });
  return handOver([process.execPath, join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args], { env });
}

/** @param {string[]} args Names of checks; default: all. */
async function check(args) {
  const env = await install();
  await build(env);
  Object.assign(process.env, env);
  const { runChecks } = await import('./checks.mjs');
  return runChecks(args);
}

/** @param {string[]} args */
function bench(args) {
  // Built: to load TypeScript would be a part of what it measures.
  return runTool('bench', ['dist/main.js', ...args]);
}

/** @param {string[]} args */
function scale(args) {
  return runTool('scale', [...TYPESCRIPT_MAIN, ...args]);
}

/** @param {string[]} args */
function stress(args) {
  return runTool('stress', [...TYPESCRIPT_MAIN, ...args]);
}

/** @param {string[]} args */
function soak(args) {
  return runTool('soak', [...TYPESCRIPT_MAIN, ...args]);
}

/** @param {string[]} args */
async function fuzz(args) {
  // The tests of all packages that read what others write, not what this tool depends on.
  await build(await install());
  return runTool('fuzz', [...TYPESCRIPT_MAIN, ...args]);
}

/** @param {string[]} args */
function intruders(args) {
  return runTool('intruders', [...TYPESCRIPT_MAIN, ...args]);
}

/**
 * Runs one of the programs in `tooling/`.
 *
 * @param {string} name
 * @param {string[]} args Node's, from the tool's own directory.
 */
async function runTool(name, args) {
  const env = await install();
  await build(env, [`@parsl-ts-internal/${name}`]);
  const cwd = join(root, 'tooling', name);
  return handOver([process.execPath, ...args], { cwd, env });
}
