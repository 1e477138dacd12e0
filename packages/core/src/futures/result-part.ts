import { ResultPropertyError, type TaskReference } from '../errors.js';

/**
 * One property or element of a task's result.
 *
 * @throws ResultPropertyError when the result does not have it
 */
export function readPart(task: TaskReference, result: unknown, key: PropertyKey): unknown {
  if (result === undefined || result === null) {
    throw new ResultPropertyError(task, key, String(result));
  }
  const holder: unknown = Object(result);
  if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null || !(key in holder)) {
    const what = Array.isArray(result)
      ? `an array of length ${String(result.length)}`
      : `of type ${typeof result}`;
    throw new ResultPropertyError(task, key, what);
  }
  return Reflect.get(holder, key);
}
