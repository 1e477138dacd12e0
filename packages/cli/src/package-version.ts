import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * Version of a package of this system.
 *
 * @param name such as `@parsl-ts/core`
 * @param from file or `file:` URL from which the package is looked for
 */
export function packageVersion(name: string, from: string = import.meta.url): string {
  const manifest = createRequire(from).resolve(`${name}/package.json`);
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  const version: unknown =
    typeof content === 'object' && content !== null ? Reflect.get(content, 'version') : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
