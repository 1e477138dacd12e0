import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A worker pool started as a person would: by a line in a shell, in a directory with nothing in it. */
export class HandStartedPool implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  output = '';
  private readonly directory = mkdtempSync(join(tmpdir(), 'parsl-pool-'));

  /** @param prefix Words before the line, such as a command that changes the network namespace. */
  constructor(line: string, prefix = '') {
    this.child = spawn('sh', ['-c', `exec ${prefix} ${line}`], {
      cwd: this.directory,
      env: { PATH: process.env['PATH'], HOME: this.directory, TMPDIR: this.directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.exited;
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
