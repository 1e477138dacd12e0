import { readFileSync } from 'node:fs';
import type { CommandResult } from '@parsl-ts/provider';

/** A command that was run on a real Grid Engine, and what it answered. */
export interface RecordedCommand extends CommandResult {
  /** The command as it was typed. */
  readonly command: string;
}

/** The commands of a recorded session, in order. */
export function transcript(name: string): readonly RecordedCommand[] {
  const text = readFileSync(new URL(`transcripts/${name}.txt`, import.meta.url), 'utf8');
  const commands = text.matchAll(
    /^\$ (.*)\n(?:--- stdout\n([^]*?))?(?:--- stderr\n([^]*?))?--- exit (\d+) .*$/gm,
  );
  return Array.from(commands, ([, command = '', stdout = '', stderr = '', exitCode]) => ({
    command,
    stdout,
    stderr,
    exitCode: Number(exitCode),
    signal: undefined,
  }));
}

/**
 * The `nth` answer to a command in a session.
 *
 * @throws Error when there is none
 */
export function recorded(name: string, command: string, nth = 0): CommandResult {
  const found = transcript(name).filter((each) => each.command === command)[nth];
  if (found === undefined) {
    throw new Error(`'${command}' was not run so often in the transcript '${name}'`);
  }
  return found;
}
