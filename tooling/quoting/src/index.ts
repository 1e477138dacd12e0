import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ConfigurationError, shellCommand, type ExecutionProvider } from '@parsl-ts/provider';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** A provider that is tried with words that a shell would take for more. */
export interface QuotedProvider<Options> {
  readonly create: (options?: Options) => ExecutionProvider;
  /** The scheduler's command that takes a script, and what it says of a job. */
  readonly submit: { readonly command: string; readonly answer: string };
  /** All options that take a word of the scheduler, with this word. */
  readonly words: (word: string) => Options;
  /** Lines for the scheduler. */
  readonly lines: (lines: string) => Options;
}

/** What a shell would take for more than a word. Run anywhere, a part of each would make the file `harmed`. */
const HARM = 'cd "$MARKS";touch harmed';
const DIRECTORIES = [
  'two words',
  "it's",
  '"quoted"',
  `$(${HARM})`,
  `\`${HARM}\``,
  `;${HARM};`,
  `'; ${HARM}; '`,
  `"; ${HARM}; "`,
  `& ${HARM} &`,
  '-rf',
  '--help',
  '*',
  '%j',
  '#',
  'back\\slash',
  'ünï ☃',
];
/** Words that options take, and words that they refuse. */
const WORDS = [
  '$(touch${IFS}$MARKS/harmed)',
  ';touch${IFS}$MARKS/harmed;',
  '&touch<$MARKS',
  '*',
  '-rf',
  'ü☃',
  '#x',
];
const REFUSED = ['two words', "it's", '"', '`', '\\', 'new\nline', 'carriage\rreturn', 'tab\t', 'nul\0', ''];

let root: string;
let marks: string;

/** A scheduler that runs each job at once, on this host. */
function submitCommand(answer: string): string {
  return `#!/bin/bash
printf '%s\\n' "$@" >>"$MARKS/arguments"
bash -n "\${!#}" && bash "\${!#}" >"$MARKS/output" 2>&1 </dev/null
echo '${answer}'
`;
}

/** Submits a job whose command writes down its arguments and a variable, and expects just these. */
async function runs(provider: ExecutionProvider, scriptDir: string): Promise<void> {
  const print = `require('node:fs').writeFileSync(process.argv[1], JSON.stringify([process.argv.slice(2), process.env.EVIL]))`;
  const said = join(marks, 'said');
  const command = shellCommand([
    process.execPath,
    '-e',
    print,
    said,
    ...DIRECTORIES,
    ...WORDS,
    ...REFUSED.slice(0, 8),
  ]);
  await provider.submit({ name: 'parsl.b-0', command, tasksPerNode: 1, scriptDir });
  expect(existsSync(said), readFileSync(join(marks, 'output'), 'utf8')).toBe(true);
  expect(JSON.parse(readFileSync(said, 'utf8'))).toEqual([
    [...DIRECTORIES, ...WORDS, ...REFUSED.slice(0, 8)],
    process.env['EVIL'],
  ]);
  expect(existsSync(join(marks, 'harmed'))).toBe(false);
}

/**
 * Declares the tests: what comes from a user reaches no shell but as a word, in real scripts that are really run, by a stand-in
 * for the scheduler.
 */
export function quotingTests<Options extends object>({
  create,
  submit,
  words,
  lines,
}: QuotedProvider<Options>): void {
  const before = { ...process.env };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'quoting-'));
    marks = join(root, 'marks');
    const bin = join(root, 'bin');
    for (const directory of [marks, bin]) mkdirSync(directory);
    writeFileSync(join(bin, submit.command), submitCommand(submit.answer), { mode: 0o755 });
    process.env['PATH'] = [bin, before['PATH']].join(delimiter);
    process.env['MARKS'] = marks;
    process.env['EVIL'] = `$(${HARM})\n\`${HARM}\`";'`;
  });

  afterEach(() => {
    for (const name of ['PATH', 'MARKS', 'EVIL']) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
    rmSync(root, { recursive: true });
  });

  test.each(DIRECTORIES)('nothing in the name of a directory reaches a shell: %s', async (name) => {
    const directory = join(root, name);
    mkdirSync(directory);
    await runs(create(), directory);
  });

  describe('options', () => {
    test.each(WORDS)('%s is a word, and no more', async (word) => {
      const directory = join(root, 'scripts');
      mkdirSync(directory);
      await runs(create(words(word)), directory);
    });

    test.each(REFUSED)('%j is none', (word) => {
      const all = words(word);
      for (const name of Object.keys(all)) {
        const others = Object.keys(all).filter((other) => other !== name);
        const one = { ...all };
        for (const other of others) Reflect.deleteProperty(one, other);
        expect(() => create(one), name).toThrow(ConfigurationError);
      }
    });

    test('lines for the scheduler are no lines for the shell', () => {
      for (const text of [`-x y\n${HARM}`, `\n${HARM}`, HARM, `-x y\r${HARM}`]) {
        expect(() => create(lines(text)), text).toThrow(ConfigurationError);
      }
    });
  });

  test('the commands of these tests do harm where nothing protects from them', () => {
    spawnSync('bash', ['-c', `echo $(${HARM})`]);
    expect(existsSync(join(marks, 'harmed'))).toBe(true);
  });
}
