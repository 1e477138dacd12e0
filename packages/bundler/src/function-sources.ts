import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compile, needsCompiling } from './compile.js';
import type { AnyFunction, BundleOptions, SourceLocation } from './contract.js';
import { functionAt, functionNear, functionsLike } from './find-function.js';
import { parseFunctionText } from './function-text.js';
import { analyzeModule, type ModuleSource } from './module-source.js';
import { findRunningFunction, type RunningFunction } from './running-function.js';
import { loadScriptMap, scriptPath, type ScriptMap } from './script-map.js';
import { isFunction, pathTo, type FunctionNode } from './syntax-tree.js';
import { toolchain, withEsbuild } from './toolchain.js';

/** A function and a module it can be cut from. */
export interface FoundFunction {
  readonly source: ModuleSource;
  readonly fn: FunctionNode;
}

type Recipe = () => Promise<FoundFunction | undefined>;

/**
 * The modules a function can be cut from, the best first. A loader that compiles in memory (tsx, vitest) leaves traces
 * of its own in the code that runs, so there the user's source comes first; where a file runs as it is on disk, that
 * file comes first, because it is what runs.
 */
export async function* functionSources(
  fn: AnyFunction,
  options: BundleOptions,
): AsyncGenerator<FoundFunction> {
  // Loading goes on while V8 is asked, which takes longest the first time.
  void toolchain();
  const running = await findRunningFunction(fn);
  const recipes: Recipe[] = [];
  if (running !== undefined) {
    const map = await loadScriptMap(running);
    const place = map?.locate(running.line, running.column);
    const fromScript: Recipe = () => fromRunningScript(running, map);
    if (map === undefined || place === undefined) recipes.push(fromScript);
    else {
      const fromOriginal: Recipe = () => fromOriginalSource(fn, running, map, place);
      const compiledInMemory = place.file === scriptPath(running.url);
      recipes.push(...(compiledInMemory ? [fromOriginal, fromScript] : [fromScript, fromOriginal]));
    }
  }
  for (const recipe of recipes) {
    const found = await recipe();
    if (found !== undefined) yield found;
  }
  if (options.module !== undefined) yield* fromNamedModule(fn, options.module);
  else if (running === undefined) yield* fromOwnText(fn);
}

async function fromRunningScript(
  running: RunningFunction,
  map: ScriptMap | undefined,
): Promise<FoundFunction | undefined> {
  const file = scriptPath(running.url) ?? join(process.cwd(), 'evaluated.js');
  const source = await cached(`${running.scriptId} as it runs`, async () =>
    analyzeModule(await toolchain(), running.scriptSource(), file, (line, column) =>
      map === undefined ? { file, line: line + 1, column: column + 1 } : map.locate(line, column),
    ),
  );
  const node = source === undefined ? undefined : functionAt(source, running.line, running.column);
  return source === undefined || node === undefined ? undefined : { source, fn: node };
}

async function fromOriginalSource(
  fn: AnyFunction,
  running: RunningFunction,
  map: ScriptMap,
  place: SourceLocation,
): Promise<FoundFunction | undefined> {
  const { file } = place;
  if (!existsSync(dirname(file))) return undefined;
  const source = await cached(`${running.scriptId} from ${file}`, async () => {
    const text = map.contentOf(file) ?? (await readFile(file, 'utf8'));
    return analyzeText(text, file);
  });
  const { acorn } = await toolchain();
  const like = parseFunctionText(acorn, Function.prototype.toString.call(fn));
  if (source === undefined || like === undefined) return undefined;
  const node = functionNear(acorn, source, place, like);
  return node === undefined ? undefined : { source, fn: node };
}

async function analyzeText(text: string, file: string): Promise<ModuleSource> {
  const tools = await toolchain();
  if (!needsCompiling(file)) {
    return analyzeModule(tools, text, file, (line, column) => ({ file, line: line + 1, column: column + 1 }));
  }
  const { code, map } = await compile(text, file);
  return analyzeModule(tools, code, file, (line, column) => map.locate(line, column));
}

/** Without a position, functions with the same text, up to spelling, are taken for the function. */
async function* fromNamedModule(fn: AnyFunction, module: string): AsyncGenerator<FoundFunction> {
  const file = scriptPath(module);
  if (file === undefined || !existsSync(file)) return;
  const { acorn } = await toolchain();
  const text = parseFunctionText(acorn, Function.prototype.toString.call(fn));
  const source = await analyzeText(await readFile(file, 'utf8'), file);
  if (text === undefined) return;
  const wanted = await normalized(text.expression);
  for (const node of functionsLike(source, text.node)) {
    const own = source.module.source.slice(...rangeOf(source, node));
    const parsed = parseFunctionText(acorn, own);
    if (parsed !== undefined && (await normalized(parsed.expression)) === wanted) yield { source, fn: node };
  }
}

function rangeOf({ module }: ModuleSource, fn: FunctionNode): [number, number] {
  const parent = pathTo(module.program, fn.start, fn.end).at(-2);
  const isMember = parent?.type === 'MethodDefinition' || (parent?.type === 'Property' && parent.method);
  return isMember ? [parent.start, parent.end] : [fn.start, fn.end];
}

async function normalized(expression: string): Promise<string> {
  const options = { minify: true, logLevel: 'silent' } as const;
  const { code } = await withEsbuild((esbuild) => esbuild.transform(`export default ${expression}`, options));
  return code;
}

/** The last resort, good for functions that need nothing but their arguments. */
async function* fromOwnText(fn: AnyFunction): AsyncGenerator<FoundFunction> {
  const tools = await toolchain();
  const text = parseFunctionText(tools.acorn, Function.prototype.toString.call(fn));
  if (text === undefined) return;
  const file = join(process.cwd(), 'function.js');
  const source = analyzeModule(tools, `export default ${text.expression};`, file, () => undefined);
  const path = pathTo(source.module.program, text.node.start + 'export default '.length, text.node.end);
  const node = path.find(isFunction);
  if (node !== undefined) yield { source: { ...source, isFragment: true }, fn: node };
}

const kept = new Map<string, Promise<ModuleSource | undefined>>();
/** Modules kept analysed; a program's apps stand in few of them, and a large one takes tens of MB. */
const keptLimit = 8;

function cached(key: string, analyze: () => Promise<ModuleSource>): Promise<ModuleSource | undefined> {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = analyze().catch((error: unknown) => {
    // What does not parse or cannot be read is no source to cut from; the caller goes on to the next.
    if (
      error instanceof SyntaxError ||
      (error instanceof Error && ('errors' in error || 'syscall' in error))
    ) {
      return undefined;
    }
    throw error;
  });
  kept.set(key, made);
  for (const oldest of kept.keys()) {
    if (kept.size <= keptLimit) break;
    kept.delete(oldest);
  }
  return made;
}
