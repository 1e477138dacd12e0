/**
 * Writes a word so that a POSIX shell reads exactly it, whatever characters it has.
 *
 * @throws TypeError for a word with a NUL character, which no shell can pass on
 */
export function shellQuote(word: string): string {
  if (word.includes('\0')) {
    throw new TypeError(`a shell word cannot hold a NUL character: ${JSON.stringify(word)}`);
  }
  return /^[\w@%+=:,./-]+$/.test(word) && !word.includes('=')
    ? word
    : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Writes an argv as one line of `sh`. */
export function shellCommand(argv: readonly string[]): string {
  return argv.map(shellQuote).join(' ');
}

/** One shell word that expands to nothing but itself. */
const PLAIN_WORD = String.raw`(?:'[^']*'|\\'|"[^"$\`\\!]*"|[\w@%+=:,./-])+`;
const PLAIN_LINE = new RegExp(`^${PLAIN_WORD}(?: +${PLAIN_WORD})*$`);

/**
 * Whether a line of `sh` is one program, named by its path, with literal arguments: then a shell may `exec` it. False for
 * anything that is not plainly so.
 */
export function isPlainCommand(line: string): boolean {
  const program = /^[^ ]*/.exec(line)?.[0] ?? '';
  return PLAIN_LINE.test(line) && program.includes('/') && !program.includes('=');
}
