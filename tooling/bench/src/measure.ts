import type { NodeSubject, Session } from './subject.js';

/** One number that a measure gives. */
export interface Figure {
  /** Names it in JSON, unique within its measure. */
  readonly name: string;
  /** Names it at the head of a column. */
  readonly title: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** Digits after the point in tables. */
  readonly digits: number;
}

/** Figures that stand side by side. */
export interface FigureGroup {
  readonly title: string;
  readonly figures: readonly Figure[];
}

/** What a measure is given to measure. */
export interface Specimen {
  readonly subject: NodeSubject;
  readonly workers: number;
  /** By what the numbers of tasks are multiplied: 1, but for a trial. */
  readonly scale: number;
  /** Starts the subject; what it starts is closed by the caller. */
  readonly open: () => Promise<Session>;
}

/** The values of figures, by name. Those that cannot be told of a subject, or on this machine, are left out. */
export type Values = Readonly<Record<string, number>>;

/** What is done with a subject, and the figures that come of it. */
export interface Measure {
  /** Names it on the command line and in JSON. */
  readonly name: string;
  readonly groups: readonly FigureGroup[];
  /** Takes long: has fewer repetitions, and is left out when time is short. */
  readonly long?: boolean;
  /** Takes one sample, in a process of its own. */
  take(specimen: Specimen): Promise<Values>;
}

/** All figures of a measure. */
export function figuresOf(measure: Measure): readonly Figure[] {
  return measure.groups.flatMap(({ figures }) => figures);
}
