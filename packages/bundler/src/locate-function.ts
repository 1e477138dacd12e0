import type { AnyFunction, SourceLocation } from './contract.js';
import { findRunningFunction } from './running-function.js';
import { loadScriptMap, scriptPath } from './script-map.js';

/** Where a function stands in the user's source; `undefined` for functions without one, or where it cannot be found. */
export async function locateFunction(fn: AnyFunction): Promise<SourceLocation | undefined> {
  const running = await findRunningFunction(fn);
  if (running === undefined || running.url === '') return undefined;
  const { url, line, column } = running;
  const original = (await loadScriptMap(running))?.locate(line, column);
  return original ?? { file: scriptPath(url) ?? url, line: line + 1, column: column + 1 };
}
