import { describe, expect, test } from 'vitest';
import type { AnyFunction } from './contract.js';
import { parameterNames } from './parameter-names.js';

const cases: readonly (readonly [string, AnyFunction, readonly string[]])[] = [
  ['none', () => 1, []],
  ['one, without parentheses', Function('return x => x')(), ['x']],
  ['several', (a: number, b: number, ctx: unknown) => [a, b, ctx], ['a', 'b', 'ctx']],
  ['an async arrow', async (a: number) => Promise.resolve(a), ['a']],
  ['an async arrow without parentheses', Function('return async taskContext => 1')(), ['taskContext']],
  ['a declaration', Function('return function named ( a , b ) {}')(), ['a', 'b']],
  ['a generator', Function('return function* (a) {}')(), ['a']],
  ['a method', Function('return { async *method(a, ctx) {} }.method')(), ['a', 'ctx']],
  ['a class method', Function('return class { static method(a) {} }.method')(), ['a']],
  ['default values', Function('return (a = (1, 2), { b } = {}, ctx = ")") => 1')(), ['a', '', 'ctx']],
  ['a rest parameter', (...ctx: unknown[]) => ctx, ['...ctx']],
  [
    'comments and blanks where types were',
    Function('return (a /* , x */   ,\n b          ) => 1')(),
    ['a', 'b'],
  ],
  ['unicode', Function('return (größe, $π) => 1')(), ['größe', '$π']],
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
