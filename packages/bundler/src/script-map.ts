import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TraceMap } from '@jridgewell/trace-mapping';
import type { SourceLocation } from './contract.js';
import type { RunningFunction } from './running-function.js';
import { toolchain, type Toolchain } from './toolchain.js';

/** The source map of a script, with file paths instead of URLs. */
export class ScriptMap {
  readonly #tools: Toolchain['sourceMaps'];
  readonly #map: TraceMap;

  constructor({ sourceMaps }: Toolchain, text: string, scriptFile: string) {
    this.#tools = sourceMaps;
    this.#map = new sourceMaps.TraceMap(text, pathToFileURL(scriptFile).href);
  }

  /** Where a line and column of the script, from 0, come from. */
  locate(line: number, column: number): SourceLocation | undefined {
    const found = this.#tools.originalPositionFor(this.#map, { line: line + 1, column });
    if (found.source === null) return undefined;
    return { file: scriptPath(found.source) ?? found.source, line: found.line, column: found.column + 1 };
  }

  /** The text of a file that {@link locate} named. */
  contentOf(file: string): string | undefined {
    const index = this.#map.resolvedSources.findIndex((source) => scriptPath(source) === file);
    return this.#map.sourcesContent?.[index] ?? undefined;
  }
}

/** Reads a script's source map; `undefined` if it has none that can be read. */
export async function loadScriptMap({ url, sourceMapUrl }: RunningFunction): Promise<ScriptMap | undefined> {
  const file = scriptPath(url);
  if (sourceMapUrl === '' || file === undefined) return undefined;
  const tools = await toolchain();
  try {
    return new ScriptMap(tools, await readMap(sourceMapUrl, file), file);
  } catch {
    // A map is often not deployed with the script; the script itself is then all there is.
    return undefined;
  }
}

async function readMap(url: string, scriptFile: string): Promise<string> {
  const inline = /^data:[^,]*?(?<base64>;base64)?,(?<data>.*)$/s.exec(url)?.groups;
  if (inline === undefined) return readFile(resolve(dirname(scriptFile), decodeURIComponent(url)), 'utf8');
  const data = inline['data'] ?? '';
  return inline['base64'] === undefined
    ? decodeURIComponent(data)
    : Buffer.from(data, 'base64').toString('utf8');
}

/** Path of the file a script was loaded from; loaders add queries to tell instances apart. */
export function scriptPath(url: string): string | undefined {
  if (url.startsWith('file:')) {
    const plain = new URL(url);
    plain.search = '';
    plain.hash = '';
    return fileURLToPath(plain);
  }
  return url.startsWith('/') || /^[A-Za-z]:[\\/]/.test(url) ? url.replace(/\?.*$/s, '') : undefined;
}
