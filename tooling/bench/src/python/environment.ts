import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How long all packages may take to be installed, in ms. */
const INSTALL_MS = 300_000;

const scripts = fileURLToPath(new URL('../../python/', import.meta.url));
const requirements = join(scripts, 'requirements.txt');
const environments = fileURLToPath(new URL('../../../../.cache/bench-python/', import.meta.url));

/** The program that takes samples in Python. */
export const pythonSampler = join(scripts, 'sample.py');

/** The Python of an environment for exactly these packages, once {@link preparePython} has made it. */
export const python = join(
  environments,
  createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16),
  'bin',
  'python',
);

let prepared: Promise<string | undefined> | undefined;

/**
 * Makes a private environment with the packages of `requirements.txt`, in a directory of the checkout that git ignores,
 * unless it is there already.
 *
 * @returns why there is none, if so
 */
export function preparePython(): Promise<string | undefined> {
  prepared ??= prepare();
  return prepared;
}

async function prepare(): Promise<string | undefined> {
  const environment = dirname(dirname(python));
  const complete = join(environment, 'complete');
  if (existsSync(complete) && (await attempt(python, ['-c', 'import distributed, parsl'])) === undefined)
    return undefined;
  await rm(environment, { recursive: true, force: true });
  await mkdir(environment, { recursive: true });
  const made =
    (await attempt('python3', ['-m', 'venv', environment])) ??
    (await attempt(python, ['-m', 'pip', 'install', ...PIP_OPTIONS, '-r', requirements]));
  if (made === undefined) await writeFile(complete, '');
  else await rm(environment, { recursive: true, force: true });
  return made;
}

const PIP_OPTIONS = ['--quiet', '--disable-pip-version-check', '--no-input', '--retries', '1'];

/** Runs a command. Returns what went wrong, if anything did. */
async function attempt(file: string, args: readonly string[]): Promise<string | undefined> {
  try {
    await run(file, args, { timeout: INSTALL_MS });
    return undefined;
  } catch (error) {
    const { code, stderr, stdout } = error as { code?: unknown; stderr?: string; stdout?: string };
    if (code === 'ENOENT') return `there is no '${file}' on this machine`;
    const said = `${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n').slice(-3).join(' ');
    return `'${[file, ...args].join(' ')}' failed: ${said}`;
  }
}
