import { closeSync, fstatSync, openSync, readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

import { ParslError } from './parsl-error.js';

/** Rights of the group and of all others. */
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
/** Of a directory: who may write to it may not replace what belongs to somebody else. */
const STICKY = 0o1000;
const ROOT = 0;

/** A file with keys that others than this user can read, or can have put there. */
export class FileNotPrivateError extends ParslError {
  readonly path: string;

  constructor(path: string, message: string) {
    super('PARSL_FILE_NOT_PRIVATE', message);
    this.path = path;
  }
}

/**
 * Reads a file that nobody but this user may read or change: not others by its mode, not somebody else as its owner, and not
 * others who could put another one in its place. Follows links, and looks at where they lead.
 *
 * @param what How messages call it, such as `the key file`.
 * @throws FileNotPrivateError when others can
 * @throws Error when it cannot be read
 */
export function readPrivateFile(path: string, what: string): string {
  const fd = openSync(path, 'r');
  try {
    // What was opened is looked at, and not what may have taken its place meanwhile.
    const found = fstatSync(fd);
    checkFile(path, what, found);
    // A pipe has no directory.
    if (found.isFile()) checkDirectory(path, what, dirname(realpathSync(path)));
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function checkFile(path: string, what: string, { mode, uid }: Stats): void {
  if ((mode & OTHERS) !== 0) {
    throw new FileNotPrivateError(
      path,
      `${what} ${path} can be read or changed by others; run: chmod 600 '${path.replaceAll("'", String.raw`'\''`)}'`,
    );
  }
  if (!isTrusted(uid)) {
    throw new FileNotPrivateError(
      path,
      `${what} ${path} belongs to another user (uid ${uid}), who can read and change it; make a copy of your own of the ` +
        'file of your run',
    );
  }
}

function checkDirectory(path: string, what: string, directory: string): void {
  const { mode, uid } = statSync(directory);
  const othersWrite = (mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0;
  if (!othersWrite && isTrusted(uid)) return;
  throw new FileNotPrivateError(
    path,
    `others can put something else in place of ${what} ${path}: its directory ${directory} ` +
      `${othersWrite ? 'can be written by them' : `belongs to another user (uid ${uid})`}; move it to one of yours`,
  );
}

/** Root can do everything anyway. */
function isTrusted(uid: number): boolean {
  return uid === ROOT || uid === process.getuid?.();
}
