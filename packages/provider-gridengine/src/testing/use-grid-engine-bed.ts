import {
  GridEngineBed,
  gridEngineMissing,
  type GridEngineBedOptions,
} from '@parsl-ts-internal/gridengine-bed';
import { afterAll, beforeAll } from 'vitest';

/** A bed for the tests of a file. */
export interface UsedBed {
  /** Why there is none; `undefined`: there is one while tests run. */
  readonly missing: string | undefined;
  /** The bed. Throws outside of tests. */
  readonly it: GridEngineBed;
}

/**
 * Starts a bed before the tests and stops it after them. Its commands come first in this process's `PATH`.
 *
 * @throws Error when there has to be one, as the variable `PARSL_TESTS_REQUIRE` says, and there cannot be
 */
export function useGridEngineBed(options: GridEngineBedOptions = {}): UsedBed {
  const missing = gridEngineMissing();
  if (missing !== undefined && /\bgridengine\b/.test(process.env['PARSL_TESTS_REQUIRE'] ?? '')) {
    throw new Error(missing);
  }
  let bed: GridEngineBed | undefined;
  const path = process.env['PATH'];
  beforeAll(async () => {
    if (missing === undefined) {
      bed = await GridEngineBed.start(options);
      process.env['PATH'] = `${bed.clients}:${path ?? ''}`;
    }
  }, 120_000);
  afterAll(async () => {
    process.env['PATH'] = path;
    await bed?.stop();
  });
  return {
    missing,
    get it() {
      if (bed === undefined) {
        throw new Error('there is no bed now');
      }
      return bed;
    },
  };
}
