import type { Values } from './measure.js';

/** One sample of all figures of a measure. */
export interface Sample {
  readonly subject: string;
  readonly measure: string;
  /** From 1 on. Samples of the same repetition were taken close together. */
  readonly repetition: number;
  readonly values: Values;
}
