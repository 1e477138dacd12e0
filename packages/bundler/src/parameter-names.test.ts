import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { AnyFunction } from './contract.js';
import { parameterNames } from './parameter-names.js';

/** Makes a function whose text no formatter touches. */
const made = (text: string): AnyFunction => runInThisContext(`(${text})`) as AnyFunction;

const cases: readonly (readonly [string, AnyFunction, readonly string[]])[] = [
  ['none', () => 1, []],
  ['one, without parentheses', made('x => x'), ['x']],
  ['several', (a: number, b: number, ctx: unknown) => [a, b, ctx], ['a', 'b', 'ctx']],
  ['an async arrow', async (a: number) => Promise.resolve(a), ['a']],
  ['an async arrow without parentheses', made('async taskContext => 1'), ['taskContext']],
  ['a declaration', made('function named ( a , b ) {}'), ['a', 'b']],
  ['a generator', made('function* (a) {}'), ['a']],
  ['a method', made('{ async *method(a, ctx) {} }.method'), ['a', 'ctx']],
  ['a class method', made('class { static method(a) {} }.method'), ['a']],
  ['default values', made('(a = (1, 2), { b } = {}, ctx = ")") => 1'), ['a', '', 'ctx']],
  ['a rest parameter', (...ctx: unknown[]) => ctx, ['...ctx']],
  ['comments and blanks where types were', made('(a /* , x */   ,\n b          ) => 1'), ['a', 'b']],
  ['unicode', made('(größe, $π) => 1'), ['größe', '$π']],
  ['a native function', Math.max, []],
  ['a bound function', ((a: number) => a).bind(null), []],
];

describe('parameterNames', () => {
  test.each(cases)('%s', (_name, fn, names) => {
    expect(parameterNames(fn)).toEqual(names);
  });

  test('gives the same list again', () => {
    const fn = (a: number): number => a;
    expect(parameterNames(fn)).toBe(parameterNames(fn));
  });
});
