import { spawnSync } from 'node:child_process';
import { PROGRAM } from './program.js';

/**
 * Why no Grid Engine can be started here; `undefined` if it can. Gets its packages the first time, which takes a few
 * seconds.
 */
export function gridEngineMissing(): string | undefined {
  if (process.platform !== 'linux') {
    return 'a test bed for Grid Engine needs Linux';
  }
  const { status, stderr, error } = spawnSync(PROGRAM, ['check'], { encoding: 'utf8', timeout: 300_000 });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
