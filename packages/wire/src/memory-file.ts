import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where files are memory, on Linux. */
const MEMORY_DIR = '/dev/shm';

/**
 * Opens a new file that processes share by its descriptor: in memory where the host has such files. It has no name, so that
 * it goes with the last process that holds it.
 *
 * @param directory Where it is made if the host has no files in memory, or no room in them.
 * @throws Error of the system when it cannot be made there either.
 */
export function openMemoryFile(directory: string): number {
  try {
    return openIn(MEMORY_DIR);
  } catch {
    return openIn(directory);
  }
}

function openIn(parent: string): number {
  const own = mkdtempSync(join(parent, 'parsl-journal-'));
  try {
    return openSync(join(own, 'journal'), 'wx+', 0o600);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
