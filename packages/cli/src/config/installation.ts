import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { packageVersion } from '../package-version.js';

/** What `@parsl-ts/core` exports. */
export type Core = typeof import('@parsl-ts/core');

/** An installed `@parsl-ts/core`. */
export interface CoreInstallation {
  readonly core: Core;
  readonly version: string;
}

/** Packages that come with this one. */
const COMPANIONS = ['@parsl-ts/cli', '@parsl-ts/core', '@parsl-ts/htex', '@parsl-ts/provider-local'];

/**
 * The installation that a configuration file works with: that of its own project, so that a project is measured as it
 * is, whichever version this command has; else the one that comes with this command.
 */
export async function coreFor(configFile: string | undefined): Promise<CoreInstallation> {
  const theirs = configFile === undefined ? undefined : locate('@parsl-ts/core', configFile);
  if (configFile === undefined || theirs === undefined) {
    return { core: await import('@parsl-ts/core'), version: packageVersion('@parsl-ts/core') };
  }
  return {
    core: (await import(pathToFileURL(theirs).href)) as Core,
    version: packageVersion('@parsl-ts/core', configFile),
  };
}

/** The packages that a configuration file may import and its project does not have, with the files of this command's. */
export function companionsFor(configFile: string): Readonly<Record<string, string>> {
  const missing = COMPANIONS.filter((name) => locate(name, configFile) === undefined);
  return Object.fromEntries(missing.map((name) => [name, fileURLToPath(import.meta.resolve(name))]));
}

/** The file that an import of the package gives; `undefined` where it is not installed. */
function locate(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
