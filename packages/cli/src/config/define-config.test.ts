import { InlineExecutor, type KernelConfig } from '@parsl-ts/core';
import { expect, expectTypeOf, test } from 'vitest';

import { defineConfig } from './define-config.js';

test('a configuration comes out as it went in, with its type', () => {
  const config = { executors: [new InlineExecutor()] };
  const given = defineConfig(config);
  expect(given).toBe(config);
  expectTypeOf(given).toEqualTypeOf<KernelConfig>();
  const make = defineConfig(async () => ({ retries: 2 }));
  expect(make).toBeTypeOf('function');
  expectTypeOf(make).returns.resolves.toExtend<KernelConfig>();
});

test('an option that does not exist is a compile error', () => {
  // @ts-expect-error no such option
  expect(defineConfig({ retriez: 2 })).toEqual({ retriez: 2 });
  // @ts-expect-error not a configuration
  expect(defineConfig(() => 3)).toBeTypeOf('function');
});
