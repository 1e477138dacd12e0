import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Does `start` so that the Node.js processes that it starts write a CPU profile into `directory` when they end. The
 * interchange starts without the options of this process's environment, so that only its program can be replaced.
 *
 * @param directory `undefined`: no profile
 */
export async function profiled<T>(directory: string | undefined, start: () => Promise<T>): Promise<T> {
  if (directory === undefined) return start();
  const node = process.execPath;
  await mkdir(directory, { recursive: true });
  const wrapper = join(directory, 'node-with-profile');
  await writeFile(wrapper, `#!/bin/sh\nexec '${node}' --cpu-prof --cpu-prof-dir='${directory}' "$@"\n`);
  await chmod(wrapper, 0o755);
  process.execPath = wrapper;
  try {
    return await start();
  } finally {
    process.execPath = node;
  }
}
