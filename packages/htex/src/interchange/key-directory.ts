import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { formatPoolKeys, type PoolKeys } from '@parsl-ts/wire';

/**
 * Writes the keys of the pools where only this user can read them: a new directory of mode 0700, a file of mode 0600.
 *
 * @throws Error when the directory exists and others may look into it, or belongs to somebody else
 */
export function writePoolKeys(file: string, keys: PoolKeys): void {
  const directory = dirname(file);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  if (!found.isDirectory() || (found.mode & 0o077) !== 0 || found.uid !== process.getuid?.()) {
    throw new Error(
      `${directory} must be a directory of this user that nobody else can read (mode 0700); remove it`,
    );
  }
  // A new file, and not what somebody may have put there, or made a link.
  rmSync(file, { force: true });
  writeFileSync(file, formatPoolKeys(keys), { mode: 0o600, flag: 'wx' });
}
