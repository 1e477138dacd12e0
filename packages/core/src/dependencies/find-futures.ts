import { AppFuture } from '../futures/app-future.js';
import { isPromiseLike } from '../futures/promise-like.js';
import type { DependencyResolver } from './dependency-resolver.js';

/** From here on, containers are remembered: only then can there be a cycle, or many ways to the same one. */
const REMEMBER_FROM_DEPTH = 4;

/** Whether a plain object: one made by `{}`, `Object.create(null)` or the like, in whatever realm. */
export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/**
 * Whether there is a promise of any kind in `value`: the value itself, or inside arrays, plain objects and what
 * `resolver` enters. Does not allocate for values that are flat.
 */
export function hasFutures(value: unknown, resolver: DependencyResolver | undefined): boolean {
  return typeof value === 'object' && value !== null && searchObject(value, resolver, 0, undefined);
}

function searchObject(
  value: object,
  resolver: DependencyResolver | undefined,
  depth: number,
  seen: Set<object> | undefined,
): boolean {
  if (depth >= REMEMBER_FROM_DEPTH) {
    seen ??= new Set();
    if (seen.has(value)) {
      return false;
    }
    seen.add(value);
  }
  if (Array.isArray(value)) {
    return searchArray(value, resolver, depth, seen);
  }
  if (value instanceof AppFuture || isPromiseLike(value)) {
    return true;
  }
  if (isPlainObject(value)) {
    for (const key in value) {
      const child = value[key];
      if (typeof child === 'object' && child !== null && searchObject(child, resolver, depth + 1, seen)) {
        return true;
      }
    }
    return false;
  }
  return resolver !== undefined && searchWith(resolver, value, depth, seen);
}

function searchArray(
  array: readonly unknown[],
  resolver: DependencyResolver | undefined,
  depth: number,
  seen: Set<object> | undefined,
): boolean {
  // An index is much faster here than an iterator, and arrays of a million numbers are common.
  for (let index = 0; index < array.length; index++) {
    const child = array[index];
    if (typeof child === 'object' && child !== null && searchObject(child, resolver, depth + 1, seen)) {
      return true;
    }
  }
  return false;
}

function searchWith(
  resolver: DependencyResolver,
  value: object,
  depth: number,
  seen: Set<object> | undefined,
): boolean {
  let found = false;
  resolver(value, (child) => {
    found ||= typeof child === 'object' && child !== null && searchObject(child, resolver, depth + 1, seen);
    return child;
  });
  return found;
}
