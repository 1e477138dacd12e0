import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigurationError } from '@parsl-ts/provider';

/**
 * Makes the directory of a run: the next number in `parent`, with `submit_scripts` in it, which is for this user alone. Several processes may do so at
 * once; each gets its own.
 *
 * @returns its absolute path
 * @throws ConfigurationError when it cannot be made
 */
export async function makeRunDirectory(parent: string): Promise<string> {
  const root = resolve(parent);
  try {
    await mkdir(root, { recursive: true });
    for (let number = await nextNumber(root); ; number++) {
      const directory = join(root, String(number).padStart(3, '0'));
      if (await madeAnew(directory)) {
        await mkdir(join(directory, 'submit_scripts'), { mode: 0o700 });
        return directory;
      }
    }
  } catch (cause) {
    throw new ConfigurationError(
      `no run directory can be made in ${root}: ${cause instanceof Error ? cause.message : String(cause)}; set 'runDir' to a directory that can be written`,
      { owner: 'the configuration', option: 'runDir', cause },
    );
  }
}

/** Directories that somebody else has named by more digits are none of a run: such numbers may have none that follows them. */
async function nextNumber(root: string): Promise<number> {
  const numbers = (await readdir(root)).filter((name) => /^\d{1,12}$/.test(name)).map(Number);
  return numbers.reduce((highest, each) => Math.max(highest, each), -1) + 1;
}

/** `mkdir` succeeds for one of those who try at once. */
async function madeAnew(directory: string): Promise<boolean> {
  try {
    await mkdir(directory);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}
