import { readFileSync } from 'node:fs';

import {
  FileNotPrivateError,
  parsePoolKeys,
  parsePoolSecret,
  readPrivateFile,
  type PoolKeys,
} from '@parsl-ts/wire';

import { PoolExit, WorkerPoolError } from '../pool-error.js';

const STDIN = 0;
const NOT_HERE =
  '; copy the key file of the run to this host, or have the directory of the run on a file system that it shares';

/**
 * Reads a key file, or standard input for `-`.
 *
 * @throws WorkerPoolError when it cannot be read, others can read or replace it, or it holds no keys.
 */
export function readKeys(path: string): PoolKeys {
  try {
    return parsePoolKeys(path === '-' ? readFileSync(STDIN, 'utf8') : readPrivateFile(path, 'the key file'));
  } catch (error) {
    if (error instanceof FileNotPrivateError) throw keyError(error.message, error);
    const what = path === '-' ? 'standard input' : path;
    const why = error instanceof Error ? error.message : String(error);
    throw keyError(`the keys cannot be read from ${what}: ${why}${isMissing(error) ? NOT_HERE : ''}`, error);
  }
}

/**
 * Takes the keys that a block has got as its secret out of this process's environment, so that nothing it starts has
 * them.
 *
 * @throws WorkerPoolError when the variable is not there, or holds no keys.
 */
export function takeKeys(variable: string): PoolKeys {
  const secret = process.env[variable];
  Reflect.deleteProperty(process.env, variable);
  if (secret === undefined) {
    throw keyError(
      `the environment variable ${variable}, in which the keys of the run were to come, is not there; the launcher of ` +
        `the block, or a command around the pool, does not hand on the environment: have it pass on ${variable}`,
    );
  }
  try {
    return parsePoolSecret(secret);
  } catch (error) {
    throw keyError(`the environment variable ${variable} holds no keys of a run`, error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function keyError(message: string, cause?: unknown): WorkerPoolError {
  return new WorkerPoolError('PARSL_POOL_KEYS', message, PoolExit.keys, { cause });
}
