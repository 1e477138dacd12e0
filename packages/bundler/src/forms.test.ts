import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleFunction } from './bundle-function.js';
import type { CodeBundle } from './contract.js';
import { failsInHelper, failsInline, refused, shipped } from './fixtures/cases.js';
import { runShipped, type Outcome } from './fixtures/run-shipped.js';
import { FunctionNotShippableError } from './function-not-shippable-error.js';

describe('functions that can be shipped run elsewhere as they do here', () => {
  let results: { readonly outcomes: readonly Outcome[]; readonly output: string };
  beforeAll(async () => {
    const work = [];
    for (const { fn, args } of shipped) {
      const { id, code } = await bundleFunction(fn);
      work.push({ id, code, args });
    }
    results = await runShipped(work);
  });

  test.each(shipped.map(({ name, value }, index) => ({ name, value, index })))(
    '$name',
    ({ value, index }) => {
      expect(results.outcomes[index]).toEqual({ value });
    },
  );

  test('the program itself does not run again', () => {
    expect(results.output).toBe('');
  });
});

describe('functions that cannot be shipped are refused with the reason, its place and a remedy', () => {
  test.each(refused)('$name', async ({ fn, kind, about, says }) => {
    const error: unknown = await bundleFunction(fn).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FunctionNotShippableError);
    if (!(error instanceof FunctionNotShippableError)) return;
    const [problem] = error.problems;
    expect(error.code).toBe('PARSL_FUNCTION_NOT_SHIPPABLE');
    expect(problem?.kind).toBe(kind);
    expect(problem?.name).toContain(about);
    expect(error.message).toContain(says);
    expect(problem?.remedy).not.toBe('');
    if (problem?.place !== undefined) {
      const { file, line, column } = problem.place;
      const text = (await readFile(file, 'utf8')).split('\n')[line - 1] ?? '';
      expect(file).toMatch(/cases\.ts$/);
      expect(text.slice(column - 1, column + 20)).toContain(about.replace(/[()]/g, '').slice(0, 5));
    }
  });
});

describe('stacks of what fails elsewhere', () => {
  async function failurePlace(bundle: CodeBundle): Promise<string> {
    const { outcomes } = await runShipped([{ ...bundle, args: [1] }]);
    const stack = bundle.mapStack(outcomes[0]?.stack ?? '');
    const [, file = '', line = '', column = ''] =
      /^\s+at .*?\(?(\/[^()]*):(\d+):(\d+)\)?$/m.exec(stack) ?? [];
    const text = (await readFile(file, 'utf8')).split('\n')[Number(line) - 1] ?? '';
    return `${file.replace(/^.*\//, '')}: ${text.slice(Number(column) - 1)}`;
  }

  test('point into the inline function', async () => {
    expect(await failurePlace(await bundleFunction(failsInline))).toMatch(
      /^cases\.ts: new RangeError\(`inline/,
    );
  });

  test('take no time, whatever a worker says that they are', async () => {
    const bundle = await bundleFunction(failsInline);
    const stacks = ['at '.repeat(43_000) + bundle.id, `at ${bundle.id}.mjs?`.repeat(1600)];
    const begin = performance.now();
    expect(stacks.map((stack) => bundle.mapStack(stack))).toEqual(stacks);
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  test('point into the helper module', async () => {
    expect(await failurePlace(await bundleFunction(failsInHelper))).toMatch(
      /^twice\.ts: new RangeError\(`negative/,
    );
  });
});
