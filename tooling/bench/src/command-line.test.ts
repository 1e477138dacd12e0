import { expect, it } from 'vitest';
import { readCommandLine, usage } from './command-line.js';

const neverDone = (): never => {
  throw new Error('A command line does nothing');
};
const subjects = ['a', 'b'].map((name) => ({ name, title: name, measures: [], command: neverDone }));
const measures = [
  { name: 'short', groups: [], take: neverDone },
  { name: 'big', groups: [], long: true, take: neverDone },
];
const all = { subjects, measures };
const read = (...args: string[]) => readCommandLine(args, all);
const [a] = subjects;
const [short] = measures;

it('runs everything unless told otherwise', () => {
  const usual = { do: 'run', repetitions: 3, from: [], json: undefined, docs: false };
  expect(read()).toEqual({ ...usual, ...all });
  expect(read('--quick')).toEqual({ ...usual, repetitions: 1, subjects, measures: [short] });
  expect(read('--subject', 'a', '--measure', 'short', '--repetitions', '7', '--json', 'x.json')).toEqual({
    ...usual,
    repetitions: 7,
    subjects: [a],
    measures: [short],
    json: 'x.json',
  });
});

it('guards, or reports what was measured before', () => {
  expect(read('--guard')).toEqual({ do: 'guard', repetitions: 3, ...all });
  expect(read('--update-baseline')).toEqual({ do: 'update-baseline', repetitions: 5, ...all });
  expect(read('--from', '1.json', '--from', '2.json', '--docs')).toMatchObject({
    from: ['1.json', '2.json'],
    docs: true,
  });
});

it('helps', () => {
  expect(read('--help')).toEqual({ do: 'help' });
  expect(usage(all)).toContain('Subjects: a, b\nMeasures: short, big (long)');
});

it('says what is wrong', () => {
  expect(() => read('--repetitions', '0')).toThrow('--repetitions takes a number from 1 on');
  expect(() => read('--subject', 'c')).toThrow("There is no 'c'; there are: a, b");
  expect(() => read('--gaurd')).toThrow('--gaurd');
});
