import { availableParallelism, cpus } from 'node:os';
import { figuresOf, type Figure, type Measure } from './measure.js';
import { ratios, summarizeRatios } from './ratios.js';
import type { Sample } from './sample.js';
import { summarize, type Summary } from './statistics.js';
import type { Subject } from './subject.js';

/** What came of one figure of one subject. */
export interface Result extends Summary {
  readonly subject: string;
  readonly measure: string;
  readonly figure: string;
  readonly unit: string;
  readonly better: Figure['better'];
  /** How many samples there are. */
  readonly samples: number;
}

/** Where it was measured. */
export interface Machine {
  /** Version of Node.js. */
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
}

/** A subject that could not be measured at all. */
export interface Absence {
  readonly subject: string;
  readonly reason: string;
}

/** A process that took samples and did not get to its end. */
export interface Failure {
  readonly subject: string;
  /** What it was to measure. */
  readonly measures: readonly string[];
  readonly repetition: number;
  /** What it said, whole. */
  readonly reason: string;
}

/** A run of the benchmark, as it is written to JSON. */
export interface Report extends Machine {
  /** When it ended, ISO 8601. */
  readonly date: string;
  /** How many workers each subject had. */
  readonly workers: number;
  readonly samples: readonly Sample[];
  readonly results: readonly Result[];
  /** Figures as shares of others, by the names in `ratios.ts`. */
  readonly ratios: Readonly<Record<string, Summary>>;
  readonly absent: readonly Absence[];
  readonly failures: readonly Failure[];
}

/** Puts the samples of a run together: a result for each figure of each subject that has samples. */
export function makeReport(
  subjects: readonly Subject[],
  measures: readonly Measure[],
  workers: number,
  samples: readonly Sample[],
  absent: readonly Absence[] = [],
  failures: readonly Failure[] = [],
): Report {
  const results = measures.flatMap((measure) =>
    subjects.flatMap((subject) => {
      const own = samples.filter((one) => one.subject === subject.name && one.measure === measure.name);
      return figuresOf(measure).flatMap(({ name, unit, better }): Result[] => {
        const values = own.flatMap((one) => one.values[name] ?? []);
        if (values.length === 0) return [];
        const which = { subject: subject.name, measure: measure.name, figure: name, unit, better };
        return [{ ...which, ...summarize(values), samples: values.length }];
      });
    }),
  );
  return {
    date: new Date().toISOString(),
    ...thisMachine(),
    workers,
    samples,
    results,
    ratios: summarizeRatios(samples, ratios),
    absent,
    failures,
  };
}

export function thisMachine(): Machine {
  return {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
  };
}
