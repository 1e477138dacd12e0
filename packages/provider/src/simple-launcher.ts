import type { Launcher, LaunchRequest } from './launcher.js';
import { isPlainCommand, shellQuote } from './shell-quote.js';

/**
 * Runs the command once, on the node where the job script runs, however many nodes the block has. For blocks of one
 * node, and for commands that reach the other nodes by themselves.
 */
export class SimpleLauncher implements Launcher {
  readonly label = 'simple';
  readonly carriesSecrets = true;

  fragment({ command }: LaunchRequest): string {
    return runOnce(command);
  }
}

/**
 * The command as the end of a script. A plain one takes the place of the shell, so that signals for the job reach it
 * directly and no shell stays behind it.
 */
export function runOnce(command: string): string {
  return isPlainCommand(command) ? `exec ${command}\n` : `eval ${shellQuote(command)}\n`;
}
