/** Characters that steer terminals, begin a line, or turn the direction of what follows. */
const STEERING = String.raw`[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]`;
const SOME = new RegExp(STEERING, 'u');
const EACH = new RegExp(STEERING, 'gu');

/** Whether a text stays on one line and does nothing to a terminal. */
export function isPrintable(text: string): boolean {
  return !SOME.test(text);
}

/**
 * A text for logs, errors and terminals: what is not printable in it is written as JSON writes it. JSON itself leaves some of
 * these characters as they are.
 */
export function printable(text: string): string {
  return text.replaceAll(EACH, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
