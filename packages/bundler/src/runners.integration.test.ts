import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refused, shipped } from './fixtures/cases.js';
import { Project } from './fixtures/project.js';
import { enumModule, reportProgram, type Report } from './fixtures/report-program.js';
import { runShipped, type Outcome } from './fixtures/run-shipped.js';

interface Runner {
  readonly name: string;
  readonly type: 'commonjs' | 'module';
  readonly build?: readonly string[];
  readonly run: readonly string[];
  /** Whether the sources are gone when the program runs. */
  readonly deployed?: boolean;
  /** Names and places are those of the built file. */
  readonly opaque?: boolean;
  /** Node.js itself removes the types: imports name the `.ts` file, and there are no enums. */
  readonly stripsTypes?: boolean;
}

const tsc = [
  'node_modules/typescript/bin/tsc',
  'main.ts',
  '--outDir',
  'dist',
  '--noCheck',
  '--sourceMap',
  '--skipLibCheck',
];
const tsup = [
  'node_modules/tsup/dist/cli-default.js',
  'main.ts',
  '--outDir',
  'dist',
  '--target',
  'node20',
  '--silent',
];

const runners: readonly Runner[] = [
  { name: 'Node.js, types stripped', type: 'module', run: ['main.ts'], stripsTypes: true },
  { name: 'tsx, ES modules', type: 'module', run: ['--import', 'tsx', 'main.ts'] },
  { name: 'tsx, CommonJS', type: 'commonjs', run: ['--import', 'tsx', 'main.ts'] },
  {
    name: 'tsc, ES modules',
    type: 'module',
    build: [...tsc, '--module', 'nodenext', '--target', 'es2022'],
    run: ['dist/main.js'],
  },
  {
    name: 'tsc, CommonJS',
    type: 'commonjs',
    build: [...tsc, '--module', 'node16', '--target', 'es2022', '--esModuleInterop'],
    run: ['dist/main.js'],
  },
  {
    name: 'tsc, CommonJS for an old target',
    type: 'commonjs',
    build: [...tsc, '--module', 'node16', '--target', 'es2016', '--esModuleInterop'],
    run: ['dist/main.js'],
  },
  {
    name: 'tsup with a source map',
    type: 'module',
    build: [...tsup, '--format', 'esm', '--sourcemap'],
    run: ['dist/main.js'],
  },
  {
    name: 'tsup, one file, without a source map, deployed without sources',
    type: 'module',
    build: [...tsup, '--format', 'esm', '--no-splitting'],
    run: ['dist/main.js'],
    deployed: true,
    opaque: true,
  },
  {
    name: 'tsup, split, deployed without sources',
    type: 'module',
    build: [...tsup, '--format', 'esm', '--sourcemap', '--splitting'],
    run: ['dist/main.js'],
    deployed: true,
    opaque: true,
  },
  {
    name: 'tsup, CommonJS, minified, deployed without sources',
    type: 'module',
    build: [...tsup, '--format', 'cjs', '--minify'],
    run: ['dist/main.cjs'],
    deployed: true,
    opaque: true,
  },
];

const sources = ['cases.ts', 'twice.ts'];
const nodeStripsTypes = 'typescript' in process.features && process.features.typescript !== false;
const available = runners.filter(({ stripsTypes = false }) => !stripsTypes || nodeStripsTypes);

if (!nodeStripsTypes) {
  test("Node.js' own removal of types", (context) => {
    context.skip('this Node.js does not remove types; 22.18 and later do');
  });
}

describe.each(available)('$name', (runner) => {
  const { type, build, run, deployed = false, opaque = false, stripsTypes = false } = runner;
  const spell = (text: string): string => (stripsTypes ? text.replace(/'(\.\/\w+)\.js'/g, "'$1.ts'") : text);
  let project: Project;
  let report: Report;
  let results: { readonly outcomes: readonly Outcome[]; readonly output: string };

  beforeAll(async () => {
    project = await Project.create({
      'package.json': JSON.stringify({
        name: 'fixture',
        type,
        dependencies: { '@parsl-ts/bundler': '*', acorn: '*' },
      }),
      'main.ts': spell(reportProgram),
      'enum.ts': stripsTypes ? "export const Color = { Red: 3, Green: 4, 3: 'Red' } as const;\n" : enumModule,
    });
    await project.copyFixtures(sources, spell);
    if (build !== undefined) await project.node(...build);
    if (deployed) for (const name of [...sources, 'main.ts', 'enum.ts']) await rm(project.path(name));
    await project.node(...run);
    report = JSON.parse(await project.read('report.json')) as Report;
    const args = [...shipped.map((one) => one.args), ['Green']];
    results = await runShipped(
      report.shipped.map((bundle, index) => ({ ...bundle, args: args[index] ?? [] })),
    );
  });

  afterAll(() => project[Symbol.asyncDispose]());

  test('every function gives elsewhere what it gives here', () => {
    const values = Object.fromEntries(
      report.shipped.map(({ name }, index) => [name, results.outcomes[index]]),
    );
    const expected = Object.fromEntries(shipped.map(({ name, value }) => [name, { value }]));
    expect(values).toEqual({ ...expected, 'function of the main script': { value: [4, 'Red', '!'] } });
  });

  test('the program does not run again', () => {
    expect(results.output).toBe('');
  });

  test('what cannot be shipped is refused for the right reason', () => {
    const kinds = report.refused.map(({ name, problems }) => [name, problems?.[0]?.kind]);
    expect(kinds).toEqual(refused.map(({ name, kind }) => [name, kind]));
  });

  // Without a source map there is no place in the source to name.
  if (opaque) return;

  test('refusals name the place in the source', async () => {
    for (const { name, problems } of report.refused) {
      const problem = problems?.[0];
      if (problem?.place === undefined) continue;
      const { file, line, column } = problem.place;
      const text = (await readFile(file, 'utf8')).split('\n')[line - 1] ?? '';
      const about = refused.find((one) => one.name === name)?.about ?? '';
      expect(file, name).toMatch(/cases\.ts$/);
      expect(text.slice(column - 1, column + 30), name).toContain(about.replace(/[()]/g, '').slice(0, 5));
    }
  });

  test('stacks name the place in the source', async () => {
    const places = await Promise.all(report.stacks.map(firstFrame));
    expect(places).toEqual([
      expect.stringMatching(/^cases\.ts: new RangeError\(`inline/),
      expect.stringMatching(/^twice\.ts: new RangeError\(`negative/),
    ]);
  });
});

async function firstFrame(stack: string): Promise<string> {
  const [, file = '', line = '', column = ''] = /^\s+at .*?\(?(\/[^()]*):(\d+):(\d+)\)?$/m.exec(stack) ?? [];
  const text = (await readFile(file, 'utf8').catch(() => stack)).split('\n')[Number(line) - 1] ?? stack;
  return `${file.replace(/^.*\//, '')}: ${text.slice(Number(column) - 1)}`;
}
