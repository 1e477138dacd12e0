import { readFileSync } from 'node:fs';
import type { CommandResult } from '@parsl-ts/provider';

/** A command and what it said, recorded. */
export interface Entry {
  /** The command's words, with blanks between them. */
  readonly command: string;
  readonly result: CommandResult;
}

/** An entry as text: the command, what it wrote, its exit code. */
export function entryText({ command, result }: Entry): string {
  const part = (name: string, text: string): string =>
    text === '' ? '' : `--- ${name}\n${text.endsWith('\n') ? text : `${text}\n`}`;
  const output = `${part('stdout', result.stdout)}${part('stderr', result.stderr)}`;
  return `$ ${command}\n${output}--- exit ${String(result.exitCode)}\n`;
}

/** The entries of a transcript in `fixtures`, under the titles that begin with `# `. */
export function transcript(name: string): ReadonlyMap<string, Entry> {
  const text = readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8');
  const entries = text.split(/^# /m).slice(1);
  return new Map(
    entries.map((entry) => {
      const [title = '', ...lines] = entry.split('\n');
      return [title, readEntry(lines.join('\n'))];
    }),
  );
}

function readEntry(text: string): Entry {
  const command = /^\$ (.*)$/m.exec(text)?.[1] ?? '';
  const part = (name: string): string =>
    new RegExp(`^--- ${name}\\n([^]*?)(?=^--- (?:stderr|exit))`, 'm').exec(text)?.[1] ?? '';
  const exitCode = Number(/^--- exit (\d+)$/m.exec(text)?.[1]);
  return {
    command,
    result: { exitCode, signal: undefined, stdout: part('stdout'), stderr: part('stderr') },
  };
}
