import type { Launcher, LaunchRequest } from '../launcher.js';
import { runCopies } from './run-copies.js';

/**
 * Runs the command once, on the node where the job script runs, however many nodes the block has. For blocks of one
 * node, and for commands that reach the other nodes by themselves.
 */
export class SimpleLauncher implements Launcher {
  readonly label = 'simple';
  readonly carriesSecrets = true;
  readonly staysOnNode = true;

  fragment({ command }: LaunchRequest): string {
    return runCopies(command, 1, 0);
  }
}
