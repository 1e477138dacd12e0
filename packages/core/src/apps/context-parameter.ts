import { ConfigurationError } from '@parsl-ts/provider';
import { parameterNames, type AnyFunction } from '@parsl-ts/bundler';

/** Parameters with these names take the context of the task. */
const CONTEXT_NAMES: ReadonlySet<string> = new Set(['ctx', 'taskContext']);
const MENTIONS_CONTEXT = /\b(?:ctx|taskContext)\b/;

/**
 * Position at which `fn` takes its context, or -1. Types do not exist at run time, so that the name of the last parameter
 * decides, unless the app says it.
 *
 * @param wanted the app's `context` option
 */
export function contextIndexOf(fn: AnyFunction, wanted: boolean | undefined): number {
  if (
    wanted === false ||
    (wanted === undefined && !MENTIONS_CONTEXT.test(Function.prototype.toString.call(fn)))
  ) {
    return -1;
  }
  const names = parameterNames(fn);
  const last = names.at(-1);
  if (wanted === true) {
    if (last === undefined || last.startsWith('...')) {
      throw new ConfigurationError(
        `option 'context' of app() is true, but the function${fn.name === '' ? '' : ` '${fn.name}'`} has no last parameter to take the context`,
        { owner: 'app()', option: 'context' },
      );
    }
    return names.length - 1;
  }
  return last !== undefined && CONTEXT_NAMES.has(last) ? names.length - 1 : -1;
}
