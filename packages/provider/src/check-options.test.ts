import { describe, expect, expectTypeOf, test } from 'vitest';
import { checkOptions, type SchemaOf } from './check-options.js';
import { ConfigurationError } from './configuration-error.js';
import {
  boolean,
  callable,
  either,
  integer,
  list,
  number,
  oneOf,
  port,
  string,
  value,
  walltime,
} from './option-kinds.js';

const schema = {
  label: string({ default: 'local', notEmpty: true }),
  maxBlocks: integer({ min: 0, default: 1 }),
  parallelism: number({ min: 0, max: 1, default: 1 }),
  pollIntervalMs: integer({ min: 1 }),
  commandTimeoutMs: integer({ min: 1 }),
  memPerNodeGb: number({ min: 0 }),
  partition: string({ required: true }),
  exclusive: boolean(),
  walltime: walltime({ default: '00:10:00' }),
};

function errorOf(run: () => unknown): ConfigurationError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was thrown');
}

const check = (options: unknown) => checkOptions('SlurmProvider', options, schema);
const refused = (options: object) => errorOf(() => check({ partition: 'p', ...options }));

describe('checkOptions', () => {
  test('gives typed values, with defaults for what was left out', () => {
    const checked = check({ partition: 'normal', maxBlocks: 8, exclusive: undefined });
    expectTypeOf(checked.maxBlocks).toEqualTypeOf<number>();
    expectTypeOf(checked.partition).toEqualTypeOf<string>();
    expectTypeOf(checked.exclusive).toEqualTypeOf<boolean | undefined>();
    expect(checked).toEqual({
      label: 'local',
      maxBlocks: 8,
      parallelism: 1,
      pollIntervalMs: undefined,
      commandTimeoutMs: undefined,
      memPerNodeGb: undefined,
      partition: 'normal',
      exclusive: undefined,
      walltime: '00:10:00',
    });
  });

  test('SchemaOf asks for every field of an options type', () => {
    interface Options {
      readonly depth?: number;
      readonly name: string;
    }
    const complete = {
      depth: integer({ default: 3 }),
      name: string({ required: true }),
    } satisfies SchemaOf<Options>;
    expect(checkOptions('X', { name: 'n' }, complete)).toEqual({ depth: 3, name: 'n' });
    // @ts-expect-error -- depth is missing
    expect(() => ({ name: string({ required: true }) }) satisfies SchemaOf<Options>).not.toThrow();
  });

  test('no options at all are defaults only', () => {
    expect(checkOptions('X', undefined, { a: integer({ default: 2 }) })).toEqual({ a: 2 });
  });

  test.each([null, 3, 'text', []])('options that are no object: %j', (options) => {
    expect(errorOf(() => check(options)).message).toMatch(
      /^the options of SlurmProvider must be an object, not/,
    );
  });

  test('a mistyped name is answered with the nearest one', () => {
    const error = refused({ maxblocks: 3 });
    expect(error.message).toBe("unknown option 'maxblocks' of SlurmProvider; did you mean 'maxBlocks'?");
    expect(error).toMatchObject({
      name: 'ConfigurationError',
      code: 'PARSL_CONFIGURATION',
      owner: 'SlurmProvider',
      option: 'maxblocks',
      suggestion: 'maxBlocks',
    });
  });

  test.each([
    ['max_blocks', 'maxBlocks'],
    ['maxBlcoks', 'maxBlocks'],
    ['maxBlock', 'maxBlocks'],
    ['paralelism', 'parallelism'],
    ['mem_per_node', 'memPerNodeGb'],
    ['cmd_timeout', 'commandTimeoutMs'],
    ['status_polling_interval', 'pollIntervalMs'],
    ['wallTime', 'walltime'],
  ])('%s → %s', (wrong, right) => {
    expect(refused({ [wrong]: 1 }).suggestion).toBe(right);
  });

  test("Parsl's name of the program that starts a pool", () => {
    const schema = { launchCommand: string({}) };
    expect(errorOf(() => checkOptions('X', { launch_cmd: 'x' }, schema)).message).toContain(
      "'launchCommand'",
    );
  });

  test('a suggestion in milliseconds says so, for those who come with seconds', () => {
    expect(refused({ cmd_timeout: 10 }).message).toContain("'commandTimeoutMs' (in milliseconds)");
  });

  test('a name near none is answered with all of them', () => {
    const error = refused({ flavour: 1 });
    expect(error.suggestion).toBeUndefined();
    expect(error.message).toContain('the options are label, maxBlocks, parallelism');
  });

  test('the prototype of Object has no options', () => {
    expect(refused({ toString: 1 }).option).toBe('toString');
    expect(refused({ ['__proto__']: 1 }).option).toBe('__proto__');
  });

  test.each([
    ['channel', /no channels.*submit host.*Globus Compute.*by hand/s],
    ['channels', /no channels/],
    ['moveFiles', /no remote side/],
    ['move_files', /no remote side/],
    ['scriptDir', /own submit_scripts directory/],
    ['script_dir', /own submit_scripts directory/],
    ['channel_script_dir', /own submit_scripts directory/],
  ])('%s, which Parsl once had, is explained', (name, message) => {
    const error = refused({ [name]: 'x' });
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ option: name, suggestion: undefined });
  });

  test.each([
    [{ maxBlocks: 1.5 }, "option 'maxBlocks' of SlurmProvider must be an integer of at least 0, not 1.5"],
    [{ maxBlocks: -1 }, 'an integer of at least 0, not -1'],
    [{ maxBlocks: '4' }, "an integer of at least 0, not '4'"],
    [{ maxBlocks: NaN }, 'not NaN'],
    [{ maxBlocks: null }, 'not null'],
    [{ parallelism: 1.1 }, 'a number from 0 to 1, not 1.1'],
    [{ parallelism: Infinity }, 'a number from 0 to 1, not Infinity'],
    [{ label: ' ' }, "a string that is not empty, not ' '"],
    [{ exclusive: 'yes' }, "true or false, not 'yes'"],
    [{ walltime: 3600 }, "a walltime 'HH:MM:SS' of more than zero, such as '01:30:00', not 3600"],
    [{ walltime: '10' }, "not '10'"],
    [{ walltime: '00:61:00' }, "not '00:61:00'"],
    [{ walltime: '00:00:00' }, "not '00:00:00'"],
  ])('%j is refused with the value in the message', (options, message) => {
    expect(refused(options).message).toContain(message);
  });

  test('a required option that is missing', () => {
    expect(errorOf(() => check({})).message).toBe(
      "option 'partition' of SlurmProvider is missing; it must be a string",
    );
  });

  test('a huge value makes no huge message', () => {
    expect(refused({ maxBlocks: 'x'.repeat(100_000) }).message.length).toBeLessThan(300);
  });
});

describe('option kinds', () => {
  const of = (given: unknown, option: Parameters<typeof checkOptions>[2][string]) =>
    checkOptions('X', { a: given }, { a: option });

  test('oneOf', () => {
    const option = oneOf(['none', 'simple'], { default: 'simple' });
    expectTypeOf(checkOptions('X', {}, { option }).option).toEqualTypeOf<'none' | 'simple'>();
    expect(of('none', option)).toEqual({ a: 'none' });
    expect(errorOf(() => of('all', option)).message).toContain("one of 'none', 'simple', not 'all'");
  });

  test('list', () => {
    expect(of(['a'], list(string()))).toEqual({ a: ['a'] });
    expect(errorOf(() => of(['a', 3], list(string()))).message).toContain('each element is a string');
  });

  test('either', () => {
    const option = either(integer({ min: 0 }), list(string()), { default: 0 });
    expectTypeOf(checkOptions('X', {}, { option }).option).toEqualTypeOf<number | readonly string[]>();
    expect(of(2, option)).toEqual({ a: 2 });
    expect(of(['0', '1'], option)).toEqual({ a: ['0', '1'] });
    expect(errorOf(() => of(-1, option)).message).toContain('an integer of at least 0, or an array');
  });

  test('callable and value', () => {
    const date = value('a Date', (given) => given instanceof Date, { required: true });
    expectTypeOf(checkOptions('X', { date: new Date(0) }, { date }).date).toEqualTypeOf<Date>();
    expect(of(of, callable())).toEqual({ a: of });
    expect(errorOf(() => of({}, date)).message).toContain('must be a Date, not {}');
  });

  test('port', () => {
    expect(of(65_535, port())).toEqual({ a: 65_535 });
    expect(errorOf(() => of(0, port())).message).toContain('a port, 1 to 65535');
  });
});
