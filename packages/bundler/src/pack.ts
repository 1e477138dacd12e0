import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import type { BuildFailure, BuildOptions, BuildResult, Message, OutputFile } from 'esbuild';
import type { CodeBundle, SourceLocation } from './contract.js';
import { externalPackages } from './external-packages.js';
import type { ShippingProblem } from './function-not-shippable-error.js';
import { includesMainScript, mainScriptProblem } from './main-script.js';
import type { OriginOf } from './module-source.js';
import { nativeAddons } from './native-addons.js';
import { ownPackageStub } from './own-package-stub.js';
import { mapBundleStack } from './stack-map.js';
import { toolchain, withEsbuild, type Toolchain } from './toolchain.js';

/** A module to be bundled with everything it imports. Its default export is the function. */
export interface PackRequest {
  readonly code: string;
  /** Directory from which its imports are resolved. */
  readonly directory: string;
  readonly external: readonly string[];
  /** Whether bundling the program's main script is accepted, although that makes it run again on the worker. */
  readonly allowsMainScript: boolean;
  /** Where a line and column of `code` come from. */
  readonly originOf: OriginOf;
}

/** Name of the entry in the source map; it also shows in a comment of the bundle, so it must not vary. */
const entryName = 'shipped-function.js';

/** Bundles a module, or says why that is not possible. */
export async function pack(request: PackRequest): Promise<CodeBundle | readonly ShippingProblem[]> {
  const addons = new Map<string, ShippingProblem>();
  let result: BuildResult;
  try {
    result = await build(request, addons);
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    if (addons.size > 0) return [...addons.values()];
    return error.errors.map((message) => problemOf(message, request));
  }
  if (addons.size > 0) return [...addons.values()];
  if (!request.allowsMainScript && includesMainScript(result, projectRoot(request.directory))) {
    return [mainScriptProblem()];
  }
  const code = result.outputFiles?.find(({ path }) => path.endsWith('.mjs'));
  const map = result.outputFiles?.find(({ path }) => path.endsWith('.map'));
  if (code === undefined || map === undefined) throw new Error('esbuild gave no output');
  const { sourceMaps } = await toolchain();
  return bundleOf(code, map, request.originOf, sourceMaps);
}

async function build(request: PackRequest, addons: Map<string, ShippingProblem>): Promise<BuildResult> {
  const root = projectRoot(request.directory);
  const options = {
    stdin: {
      contents: request.code,
      resolveDir: request.directory,
      sourcefile: join(root, entryName),
      loader: 'js',
    },
    // Names of files in the output are relative to this, so that neither the place of the project nor the working
    // directory changes the bundle's id.
    absWorkingDir: root,
    outfile: join(root, 'bundle.mjs'),
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'silent',
    metafile: true,
    define: { __filename: 'parslBundleFile', __dirname: 'parslBundleDirectory' },
    plugins: [ownPackageStub, externalPackages(request.external), nativeAddons(addons)],
  } satisfies BuildOptions;
  return withEsbuild((esbuild) => esbuild.build(options));
}

function bundleOf(
  output: OutputFile,
  map: OutputFile,
  entryOrigin: OriginOf,
  sourceMaps: Toolchain['sourceMaps'],
): CodeBundle {
  const banner = bannerFor(output.text);
  const code = banner + output.text;
  const id = createHash('sha256').update(code).digest('hex');
  const origins = {
    id,
    map: map.contents,
    outfile: output.path,
    addedLines: banner === '' ? 0 : 1,
    entry: entryName,
    entryOrigin,
    sourceMaps,
  };
  return { id, code, mapStack: (stack) => mapBundleStack(origins, stack) };
}

/** Provides what CommonJS packages expect and an ES module does not have; nothing where it is not used. */
function bannerFor(code: string): string {
  const parts: string[] = [];
  const uses = (name: string): boolean => new RegExp(String.raw`\b${name}\b`).test(code);
  if (uses('__require')) {
    parts.push(
      `import { createRequire as parslCreateRequire } from 'node:module';`,
      'const require = parslCreateRequire(import.meta.url);',
    );
  }
  const usesDirectory = uses('parslBundleDirectory');
  if (usesDirectory || uses('parslBundleFile')) {
    parts.push(
      `import { fileURLToPath as parslFilePath } from 'node:url';`,
      'const parslBundleFile = parslFilePath(import.meta.url);',
    );
  }
  if (usesDirectory) {
    parts.push(
      `import { dirname as parslDirname } from 'node:path';`,
      'const parslBundleDirectory = parslDirname(parslBundleFile);',
    );
  }
  return parts.length === 0 ? '' : `${parts.join(' ')}\n`;
}

function projectRoot(directory: string): string {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
    if (dirname(at) === at) return directory;
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return (
    error instanceof Error && 'errors' in error && Array.isArray(error.errors) && error.errors.length > 0
  );
}

function problemOf(message: Message, request: PackRequest): ShippingProblem {
  const place = placeOf(message, request);
  const missing = /^Could not resolve "(.*)"/.exec(message.text)?.[1];
  if (missing !== undefined) {
    return {
      kind: 'unresolved-import',
      name: missing,
      detail: `needs '${missing}', which cannot be found from ${request.directory}`,
      place,
      remedy: `Install it or correct the import; if only the workers have it, name it in the option external.`,
    };
  }
  const noExport = /^No matching export in "(.*)" for import "(.*)"$/.exec(message.text);
  if (noExport !== null) {
    const [, file = '', name = ''] = noExport;
    return {
      kind: 'missing-export',
      name,
      detail: `imports '${name}' from ${file}, which does not export it`,
      place,
      remedy: 'Correct the name, or export it there.',
    };
  }
  const notes = message.notes.map(({ text }) => text).join(' ');
  return { kind: 'build', name: message.id, detail: `does not build: ${message.text}`, place, remedy: notes };
}

function placeOf({ location }: Message, request: PackRequest): SourceLocation | undefined {
  if (location === null) return undefined;
  if (location.file.endsWith(entryName)) return request.originOf(location.line - 1, location.column);
  return {
    file: join(projectRoot(request.directory), location.file),
    line: location.line,
    column: location.column + 1,
  };
}
