import { spawn } from 'node:child_process';
import { root } from './paths.mjs';

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd] Absolute path. Default: the root of the repository.
 * @property {Record<string, string>} [env] Added to the environment of this process.
 * @property {boolean} [quiet] Do not say that the phase went well.
 */

/** A command that a phase ran and that failed. Its output has been printed. */
export class PhaseError extends Error {
  /** @param {string} name @param {number} exitCode */
  constructor(name, exitCode) {
    super(`${name} failed`);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a command and says in one line how long it took. What the command writes is shown only if it fails.
 *
 * @param {string} name
 * @param {readonly string[]} argv
 * @param {CommandOptions} [options]
 * @returns {Promise<string>} what the command wrote to standard output
 */
export async function phase(name, argv, options = {}) {
  const begin = performance.now();
  if (process.stdout.isTTY) process.stdout.write(`  ${name} …\r`);
  const { exitCode, stdout, all } = await capture(argv, options);
  const seconds = formatSeconds(performance.now() - begin);
  if (exitCode !== 0) {
    console.log(`✗ ${name.padEnd(28)} ${seconds}`);
    process.stderr.write(`\n$ ${argv.join(' ')}\n${all.trimEnd()}\n\n`);
    throw new PhaseError(name, exitCode);
  }
  if (!options.quiet) console.log(`✓ ${name.padEnd(28)} ${seconds}`);
  return stdout;
}

/** @param {number} ms */
export function formatSeconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`.padStart(8);
}

/**
 * Runs a command to its end without showing its output.
 *
 * @param {readonly string[]} argv
 * @param {CommandOptions} [options]
 * @returns {Promise<{ exitCode: number, stdout: string, all: string }>}
 */
export function capture(argv, options = {}) {
  const [file = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...spawnOptions(options), stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const stdout = [];
    /** @type {Buffer[]} */
    const all = [];
    child.stdout.on('data', (chunk) => {
      stdout.push(chunk);
      all.push(chunk);
    });
    child.stderr.on('data', (chunk) => all.push(chunk));
    child.on('error', (error) => {
      resolve({ exitCode: 127, stdout: '', all: `${file} could not be started: ${error.message}` });
    });
    child.on('close', (code) => {
      resolve({
        exitCode: code ?? 1,
        stdout: Buffer.concat(stdout).toString('utf8'),
        all: Buffer.concat(all).toString('utf8'),
      });
    });
  });
}

/**
 * Hands the terminal to a command and returns its exit code. Signals go to the command, which decides when to end.
 *
 * @param {readonly string[]} argv
 * @param {CommandOptions} [options]
 * @returns {Promise<number>}
 */
export function handOver(argv, options = {}) {
  const [file = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...spawnOptions(options), stdio: 'inherit' });
    // Ctrl-C reaches the whole foreground process group by itself; other senders know only this process.
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    process.on('SIGINT', forward).on('SIGTERM', forward);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1));
    });
  });
}

/** @param {CommandOptions} options */
function spawnOptions({ cwd = root, env = {} }) {
  return { cwd, env: { ...process.env, ...env } };
}
