import { availableParallelism, cpus } from 'node:os';

import { median } from './median.js';
import type { ScaleOptions } from './options.js';
import { REAL_WORKERS } from './real-workers.js';
import type { RealSample, SizeSample } from './sample.js';
import { workersOf, type Size } from './size.js';

/** The figures of one size. */
export interface SizeResult extends Size, SizeSample {
  /** Workers of all managers. */
  readonly workers: number;
  /** Median of {@link SizeSample.rates}. */
  readonly rate: number;
  /** `rate` by that with real workers. */
  readonly ratio: number;
}

/** A run of the simulation, as it is written to JSON. */
export interface Report {
  /** When it ended, ISO 8601. */
  readonly date: string;
  /** Version of Node.js. */
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly encrypted: boolean;
  readonly tasks: number;
  readonly answerMs: number;
  readonly apart: boolean;
  /** What the simulation is compared with: as many real workers, in the same run. */
  readonly real: { readonly workers: number; readonly rate: number; readonly rates: readonly number[] };
  readonly sizes: readonly SizeResult[];
}

/** Puts the samples of a run together, those of sizes in the order of the options. */
export function makeReport(
  { encrypted, tasks, answerMs, apart, sizes }: ScaleOptions,
  reals: readonly RealSample[],
  samples: readonly SizeSample[],
): Report {
  const realRates = reals.flatMap(({ rates }) => rates);
  const realRate = median(realRates);
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
  };
  return {
    ...{ date: new Date().toISOString(), ...machine, encrypted, tasks, answerMs, apart },
    real: { workers: REAL_WORKERS, rate: realRate, rates: realRates },
    sizes: samples.flatMap((sample, index) => {
      const size = sizes[index];
      if (size === undefined) return [];
      const rate = median(sample.rates);
      return [{ ...size, ...sample, workers: workersOf(size), rate, ratio: rate / realRate }];
    }),
  };
}
