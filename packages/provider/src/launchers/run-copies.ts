import { isPlainCommand, shellQuote } from '../shell-quote.js';
import { supervise } from './supervise.js';

/**
 * Copies of a command on the node where the script runs, as the end of a script. A plain command of which there is one
 * takes the place of the shell, so that signals for the job reach it directly and no shell stays behind it.
 *
 * @param tolerated how many copies may fail before the job does
 */
export function runCopies(command: string, copies: number, tolerated: number): string {
  if (copies === 1 && isPlainCommand(command)) {
    return `exec ${command}\n`;
  }
  const start = isPlainCommand(command) ? command : `eval ${shellQuote(command)}`;
  return supervise({ start, copies, tolerated, signals: 'group' });
}
