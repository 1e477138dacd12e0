import type { Session } from './subject.js';

/** One number that a measure gives. */
export interface Figure {
  /** Names it in JSON, unique within its measure. */
  readonly name: string;
  /** Names it in the table. */
  readonly title: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** Digits after the point in the table. */
  readonly digits: number;
}

/** What is done with a subject, and the figures that come of it. */
export interface Measure {
  /** Names it on the command line and in JSON. */
  readonly name: string;
  readonly figures: readonly Figure[];
  /**
   * Takes one sample, in a process of its own.
   *
   * @param open starts the subject; what it starts is closed by the caller
   * @returns a value for each of the figures, by name
   */
  take(open: () => Promise<Session>): Promise<Readonly<Record<string, number>>>;
}
