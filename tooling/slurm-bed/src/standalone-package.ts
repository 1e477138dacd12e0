import { cpSync, existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What counts in a package.json. */
interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** What is not part of a package as it is published. */
const LEFT_OUT = /\/(?:node_modules|\.turbo)$/;

/**
 * Copies a built package and what it depends on into a directory, as npm would install it there: afterwards it needs
 * nothing of this workspace.
 *
 * @param directory of the package
 * @param target a directory, which gets `node_modules`
 */
export function copyPackage(directory: string, target: string): void {
  const real = realpathSync(directory);
  const manifest = JSON.parse(readFileSync(join(real, 'package.json'), 'utf8')) as Manifest;
  const copy = join(target, 'node_modules', manifest.name);
  if (existsSync(copy)) return;
  cpSync(real, copy, { recursive: true, filter: (path) => path === real || !LEFT_OUT.test(path) });
  for (const name of Object.keys(manifest.dependencies ?? {})) copyPackage(directoryOf(name, real), target);
}

/** Where a package is that another one depends on. Not every package can be asked for its package.json. */
function directoryOf(name: string, from: string): string {
  const paths = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  const found = paths.map((path) => join(path, name)).find((path) => existsSync(join(path, 'package.json')));
  if (found === undefined) throw new Error(`${from} depends on ${name}, which is not there`);
  return found;
}
