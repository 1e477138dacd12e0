import { isPlainCommand, shellQuote } from '../shell-quote.js';

/** A line of `sh` as the arguments of a program that starts others without a shell. */
export function oneCopy(command: string): string {
  return isPlainCommand(command) ? command : `/bin/sh -c ${shellQuote(command)}`;
}
