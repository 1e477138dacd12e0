import { fstatSync, openSync, readFileSync } from 'node:fs';

import { parsePoolKeys, type PoolKeys } from '@parsl-ts/wire';

import { PoolExit, WorkerPoolError } from '../pool-error.js';

const STDIN = 0;
/** Permissions of the group and of all others. */
const OTHERS = 0o077;

/**
 * Reads a key file, or standard input for `-`.
 *
 * @throws WorkerPoolError when it cannot be read, others can read it too, or it holds no keys.
 */
export function readKeys(path: string): PoolKeys {
  try {
    return parsePoolKeys(path === '-' ? readFileSync(STDIN, 'utf8') : readPrivately(path));
  } catch (error) {
    if (error instanceof WorkerPoolError) throw error;
    const what = path === '-' ? 'standard input' : path;
    throw keyError(
      `the keys cannot be read from ${what}: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

function readPrivately(path: string): string {
  const fd = openSync(path, 'r');
  if ((fstatSync(fd).mode & OTHERS) !== 0) {
    throw keyError(`the key file ${path} can be read or changed by others; run: chmod 600 '${path}'`);
  }
  return readFileSync(fd, 'utf8');
}

function keyError(message: string, cause?: unknown): WorkerPoolError {
  return new WorkerPoolError('PARSL_POOL_KEYS', message, PoolExit.keys, { cause });
}
