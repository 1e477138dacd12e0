import { describe, expect, it } from 'vitest';
import { figuresOf } from './measure.js';
import { measures } from './measures/all.js';
import { nodeSubjects, subjects } from './subjects/all.js';
import { takeSamples } from './take-samples.js';

/** A task of each kind, and a few more of each. */
const SCALE = 0.001;
/** Not on every machine. */
const perProcess = /^cpu-|^(submit|interchange|manager|workers)$/;

describe('every subject does what it says it can, with right results', () => {
  const ofNode = subjects.filter(({ name }) => nodeSubjects.some((subject) => subject.name === name));
  it.concurrent.each(ofNode.map((subject) => [subject.name, subject] as const))('%s', async (_, subject) => {
    const own = measures.filter(({ name }) => subject.measures.includes(name));
    const taken = await takeSamples(
      subject.command(
        own.map(({ name }) => name),
        2,
        SCALE,
      ),
      own,
    );
    expect(taken.error).toBeUndefined();
    expect(taken.lines.map(({ measure }) => measure)).toEqual(own.map(({ name }) => name));
    for (const measure of own) {
      const values = taken.lines.find((line) => line.measure === measure.name)?.values;
      const figures = figuresOf(measure).map(({ name }) => name);
      expect(values).toMatchObject(
        Object.fromEntries(
          figures.filter((name) => !perProcess.test(name)).map((name) => [name, expect.any(Number)]),
        ),
      );
    }
  });
});

it('a subject that gives a wrong result, or ends, is reported with what it said before', async () => {
  const program = `console.log('{"measure":"first-result","values":{"time":5}}'); throw new Error('Task 3 gave 4')`;
  const taken = await takeSamples([process.execPath, '-e', program], measures);
  expect(taken.lines).toEqual([{ measure: 'first-result', values: { time: 5 } }]);
  expect(taken.error).toContain('Task 3 gave 4');
});
