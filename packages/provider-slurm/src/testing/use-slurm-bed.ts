import { SlurmBed, slurmMissing, slurmRequired, type SlurmBedOptions } from '@parsl-ts-internal/slurm-bed';
import { afterAll, beforeAll } from 'vitest';

/** A bed for the tests of a file or of a `describe`. */
export interface UsedBed {
  /** Why there is none; `undefined`: there is one while tests run. */
  readonly missing: string | undefined;
  /** The bed. Throws outside of tests. */
  readonly it: SlurmBed;
}

/**
 * Starts a bed before the tests and stops it after them. The commands of Slurm find it, since this process's environment
 * says where it is.
 *
 * @throws Error when there has to be one and there cannot be
 */
export function useSlurmBed(options: SlurmBedOptions = {}): UsedBed {
  const missing = slurmMissing(options.accounting);
  if (missing !== undefined && slurmRequired()) {
    throw new Error(missing);
  }
  let bed: SlurmBed | undefined;
  beforeAll(async () => {
    if (missing === undefined) {
      bed = await SlurmBed.start(options);
      Object.assign(process.env, bed.environment);
    }
  }, 120_000);
  afterAll(() => bed?.stop());
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
