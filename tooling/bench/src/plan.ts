import type { Measure } from './measure.js';
import type { Subject } from './subject.js';

/** What one sampling process does. */
export interface Job {
  readonly subject: Subject;
  readonly measures: readonly Measure[];
}

/** Repetitions of measures that take long. */
const LONG_REPETITIONS = 1;

/**
 * The jobs of one repetition, in their order: measure by measure, so that what is compared is measured close together. A
 * subject that takes all of its measures in one process comes at the end.
 *
 * @param repetition from 1 on
 */
export function planRepetition(
  subjects: readonly Subject[],
  measures: readonly Measure[],
  repetition: number,
): readonly Job[] {
  const due = measures.filter(({ long }) => long !== true || repetition <= LONG_REPETITIONS);
  const of = (subject: Subject) => due.filter(({ name }) => subject.measures.includes(name));
  const apart = due.flatMap((measure) =>
    subjects
      .filter((subject) => subject.together !== true && of(subject).includes(measure))
      .map((subject): Job => ({ subject, measures: [measure] })),
  );
  const together = subjects
    .filter((subject) => subject.together === true && of(subject).length > 0)
    .map((subject): Job => ({ subject, measures: of(subject) }));
  return [...apart, ...together];
}
