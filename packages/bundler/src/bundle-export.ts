import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { needsCompiling } from './compile.js';
import type { BundleOptions, CodeBundle } from './contract.js';
import { FunctionNotShippableError, type ShippingProblem } from './function-not-shippable-error.js';
import { moduleExports } from './module-exports.js';
import { pack } from './pack.js';
import { scriptPath } from './script-map.js';

/**
 * Packs one export of a module with all the module needs. Nothing is analysed or left out but what the bundler sees to
 * be unused, so the module's top level runs on the worker.
 *
 * @param url The module: `file:` URL or absolute path. `./tasks.js` also finds `./tasks.ts`.
 * @throws FunctionNotShippableError if the module is not there, does not export the name, or cannot be bundled.
 */
export async function bundleExport(
  url: URL | string,
  exportName: string,
  options: Omit<BundleOptions, 'module'> = {},
): Promise<CodeBundle> {
  const refuse = (problems: readonly ShippingProblem[]): FunctionNotShippableError =>
    new FunctionNotShippableError({ functionName: exportName, location: undefined, problems });
  const file = moduleFile(url);
  if (file === undefined) throw refuse([missingModule(String(url))]);
  const result = await pack({
    code: `export { ${JSON.stringify(exportName)} as default } from ${JSON.stringify(file)};\n`,
    directory: dirname(file),
    external: options.external ?? [],
    allowsMainScript: true,
    originOf: () => undefined,
  });
  const isPacked = 'id' in result;
  if (!isPacked && !result.some(({ kind, name }) => kind === 'missing-export' && name === exportName)) {
    throw refuse(result);
  }
  const exported = await moduleExports(file);
  if (!isPacked || (!exported.isOpen && !exported.names.includes(exportName))) {
    throw refuse([missingExport(file, exportName, exported.names)]);
  }
  return result;
}

/** The file itself, or the TypeScript file that it is compiled from and that a loader would take. */
function moduleFile(url: URL | string): string | undefined {
  const file = scriptPath(String(url));
  if (file === undefined) return undefined;
  const typed = file.replace(/\.(?<kind>[cm]?)js(?<jsx>x?)$/, '.$<kind>ts$<jsx>');
  return [file, typed].find(
    (candidate) => existsSync(candidate) && (candidate === file || needsCompiling(candidate)),
  );
}

function missingModule(url: string): ShippingProblem {
  return {
    kind: 'unresolved-import',
    name: url,
    detail: `stands in the module ${url}, which does not exist`,
    place: undefined,
    remedy: "Name it relative to your module: new URL('./tasks.js', import.meta.url).",
  };
}

function missingExport(file: string, name: string, names: readonly string[]): ShippingProblem {
  const list =
    names.length === 0
      ? 'It exports nothing.'
      : `It exports ${names.map((known) => `'${known}'`).join(', ')}.`;
  return {
    kind: 'missing-export',
    name,
    detail: `is not exported by ${file}`,
    place: { file, line: 1, column: 1 },
    remedy: list,
  };
}
