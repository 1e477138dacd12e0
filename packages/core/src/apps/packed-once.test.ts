import { FunctionNotShippableError } from '@parsl-ts/bundler';
import { expect, it } from 'vitest';
import { rejection } from '../testing/test-kit.js';
import { PackedOnce } from './packed-once.js';

/** Fails with each of `errors` in turn, and then makes the number of its call. */
function failing(...errors: readonly Error[]): PackedOnce<number> {
  let calls = 0;
  return new PackedOnce(() => {
    const error = errors[calls++];
    return error === undefined ? Promise.resolve(calls) : Promise.reject(error);
  });
}

it('keeps what was made, and makes it once for all who wait', async () => {
  const packed = failing();
  expect(await Promise.all([packed.get(), packed.get()])).toEqual([1, 1]);
  expect(await packed.get()).toBe(1);
});

it('makes anew what failed by a fault that may pass, once all who waited have heard', async () => {
  const full = new Error('no space left on device');
  const packed = failing(full, full);
  expect(await Promise.all([rejection(packed.get()), rejection(packed.get())])).toEqual([full, full]);
  expect(await rejection(packed.get())).toBe(full);
  expect(await packed.get()).toBe(3);
});

it('does not try again what cannot be shipped', async () => {
  const refused = new FunctionNotShippableError({ functionName: 'f', location: undefined, problems: [] });
  const packed = failing(refused);
  expect(await rejection(packed.get())).toBe(refused);
  expect(await rejection(packed.get())).toBe(refused);
});
