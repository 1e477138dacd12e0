import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import type { KernelConfig } from '@parsl-ts/core';
import { createJiti } from 'jiti';

import { CommandError, ExitCode } from '../command-error.js';
import { companionsFor } from './installation.js';

/**
 * Loads a configuration file: a module, in TypeScript or JavaScript, whose default export is a configuration or a
 * function that makes one.
 *
 * @param given as on the command line, relative to the current directory
 * @throws CommandError that names the file, and the option at fault if there is one
 */
export async function loadConfig(given: string): Promise<KernelConfig> {
  const file = resolve(given);
  if (!existsSync(file)) throw problem(given, `there is no such file: ${file}`);
  try {
    const exported = defaultExport(given, await importModule(file));
    const config: unknown = typeof exported === 'function' ? await call(exported) : exported;
    if (isConfig(config)) return config;
    const what = typeof exported === 'function' ? 'the function that it exports returned' : 'it exports';
    throw problem(given, `${what} ${nameOf(config)}, not a configuration as load() takes it`);
  } catch (error) {
    throw error instanceof CommandError ? error : problem(given, describe(error, file), error);
  }
}

/** What Node.js says of an import of a package, with or without a path in it, that is not there. */
const MISSING_PACKAGE = /^Cannot find (?:module|package) '(?<name>(?:@[^'/]+\/)?[^'./][^'/]*)/;

/**
 * What is wrong with a configuration.
 *
 * @param given by `--config`; `undefined` where it was not
 */
export function problem(given: string | undefined, what: string, cause?: unknown): CommandError {
  const prefix = given === undefined ? '' : `--config ${given}: `;
  return new CommandError(`${prefix}${what}`, ExitCode.usage, { cause });
}

/** Whether an error says that a configuration is wrong; it may come from another installation than this command's. */
export function isConfigurationError(
  error: unknown,
): error is Error & { readonly code: 'PARSL_CONFIGURATION' } {
  return error instanceof Error && Reflect.get(error, 'code') === 'PARSL_CONFIGURATION';
}

async function importModule(file: string): Promise<object> {
  const jiti = createJiti(import.meta.url, {
    // Nothing is kept on disk, where it could be taken for a part of the project.
    fsCache: false,
    // Its stand-in for a default export is not what a file exports that exports nothing.
    interopDefault: false,
    alias: companionsFor(file),
  });
  return jiti.import<object>(file);
}

function defaultExport(given: string, module: object): unknown {
  if ('default' in module) return module.default;
  const names = Object.keys(module).map((name) => `'${name}'`);
  const exports = names.length === 0 ? 'nothing' : names.join(', ');
  throw problem(
    given,
    `it has no default export, it exports ${exports}; write: export default { executors: [...] }`,
  );
}

async function call(make: object): Promise<unknown> {
  return (make as () => unknown)();
}

/** Whether it is something that a kernel can look at; the kernel checks each option. */
function isConfig(value: unknown): value is KernelConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

function describe(error: unknown, file: string): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`;
  if (isConfigurationError(error)) return error.message;
  const [message = ''] = error.message.split('\nRequire stack:');
  const missing = MISSING_PACKAGE.exec(message)?.groups?.['name'];
  if (missing !== undefined) {
    return `it imports '${missing}', which its project does not have; install it: npm install ${missing}`;
  }
  const place = error.stack?.split('\n').find((line) => /^\s+at /.test(line) && line.includes(file));
  return `${error.name}: ${message.trim()}${place === undefined ? '' : `\n${place}`}`;
}
