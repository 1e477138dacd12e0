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

it.each([
  [['--repetitions', '0'], "--repetitions takes a whole number from 1 on, not '0'"],
  [['--subject', 'c'], '--subject c: there is none; there are: a, b'],
  [['--measure', 'c'], '--measure c: there is none; there are: short, big'],
  [['--gaurd'], '--gaurd'],
  [['--guard', '--subject', 'a'], '--subject makes no difference beside --guard'],
  [['--update-baseline', '--quick'], '--quick makes no difference beside --update-baseline'],
  [['--from', '1.json', '--repetitions', '3'], '--repetitions makes no difference beside --from'],
])('says what is wrong with %j', (args, message) => {
  expect(() => read(...args)).toThrow(message);
});
