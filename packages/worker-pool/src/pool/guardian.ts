import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Reads lines of process groups and, when its input ends, kills those of the last line and removes the directory. It is
 * deaf to the signals that end a terminal session or a job, and ends when its input does.
 */
const SCRIPT = `trap '' INT TERM HUP QUIT
groups=
while read -r line; do groups=$line; done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
rm -rf -- "$1"`;

/**
 * A process of its own that ends the workers if this process is killed without being able to do so itself. Workers
 * notice the end of their connection too, but not while a function keeps their event loop busy. A shell that waits for
 * a line takes less than 1 MB and no time, where a thread in every worker would take several.
 */
export class Guardian {
  private readonly scratchDir: string;
  private child: ChildProcess | undefined;
  private line = '\n';

  constructor(scratchDir: string) {
    this.scratchDir = scratchDir;
    this.start();
  }

  /** Replaces the list of process groups that are to be killed. */
  guard(groups: readonly number[]): void {
    this.line = `${groups.join(' ')}\n`;
    this.child?.stdin?.write(this.line);
  }

  /** Lets it go; it kills whatever it still has on its list. */
  release(): void {
    const child = this.child;
    this.child = undefined;
    child?.stdin?.end();
  }

  private start(): void {
    const child: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'parsl-guardian', this.scratchDir], {
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      detached: true,
    });
    this.child = child;
    // Without a shell on this host, or a descriptor, a worker still notices the end of its connection when it gets a turn.
    child.on('error', () => undefined);
    child.unref();
    child.stdin?.on('error', () => undefined);
    child.on('exit', () => {
      if (this.child !== child) return;
      this.start();
      this.child.stdin?.write(this.line);
    });
    child.stdin?.write(this.line);
  }
}
