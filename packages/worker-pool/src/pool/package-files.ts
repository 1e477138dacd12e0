import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const manifest = createRequire(import.meta.url).resolve('@parsl-ts/worker-pool/package.json');

/** The program of a worker process. */
export const WORKER_PROGRAM = join(dirname(manifest), 'dist', 'bin', 'worker.js');

/** Version of this package. */
export function packageVersion(): string {
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  const version: unknown =
    typeof content === 'object' && content !== null ? Reflect.get(content, 'version') : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
