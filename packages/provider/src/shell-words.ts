import type { Option, Presence, Present } from './option-kinds.js';

/** A word of a line of `sh`, in pieces that each expand to nothing but themselves. */
const PIECE = /'([^']*)'|"([^"$`\\!]*)"|\\(.)|([^\s'"\\$`!*?[\](){}<>|&;~#]+)/y;

/**
 * The words of a line of `sh` that a shell would take as they stand; `undefined` for a line in which anything is expanded,
 * or that is more than words.
 */
export function literalWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  const text = line.trim();
  for (let at = 0; at < text.length; at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0) {
    let word: string | undefined;
    PIECE.lastIndex = at;
    for (let piece = PIECE.exec(text); piece !== null; piece = PIECE.exec(text)) {
      word = (word ?? '') + (piece[1] ?? piece[2] ?? piece[3] ?? piece[4] ?? '');
      at = PIECE.lastIndex;
    }
    if (word === undefined || (at < text.length && !/\s/.test(text.charAt(at)))) {
      return undefined;
    }
    words.push(word);
  }
  return words;
}

/** Arguments for a program: an array of words, or one string of words as in a shell, in which nothing is expanded. */
export function argumentsOf<P extends Presence<readonly string[]>>(
  rule?: P,
): Option<Present<readonly string[], P>>;
export function argumentsOf(rule: Presence<readonly string[]> = {}): Option<readonly string[] | undefined> {
  const expected = 'an array of arguments, or a string of arguments in which a shell would expand nothing';
  return {
    expected,
    required: rule.required === true,
    absent: rule.default,
    read: (given) => {
      const words = typeof given === 'string' ? literalWords(given) : given;
      return isWords(words) ? { ok: true, value: words } : { ok: false, expected };
    },
  };
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === 'string' && !word.includes('\0'));
}
