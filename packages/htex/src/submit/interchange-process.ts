import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';

import type { ProcessEnd } from '@parsl-ts/wire';

import { FrameLink } from '../link/frame-link.js';

/** How long the interchange has to end when it was asked to, in ms. */
const END_MS = 5000;

/** What an interchange process tells its owner. */
export interface InterchangeProcessEvents {
  onFrame(type: number, body: Buffer): void;
  /** It has ended. `stderr`: the end of what it wrote. Called once. */
  onExit(end: ProcessEnd, stderr: string): void;
}

/** The interchange as a child process, and the link to it. Does not keep this process alive unless told to. */
export class InterchangeProcess {
  readonly link: FrameLink;
  private readonly child: ChildProcess;
  private readonly stderrFile: string;
  private readonly exited: Promise<void>;

  /**
   * Starts one.
   *
   * @param directory Existing directory for what it writes to standard error.
   */
  constructor(directory: string, events: InterchangeProcessEvents) {
    this.stderrFile = join(directory, 'interchange.err');
    mkdirSync(directory, { recursive: true });
    const stderr = openSync(this.stderrFile, 'w');
    try {
      // A session of its own: Ctrl-C in a terminal is for this process, which then ends the interchange in order.
      this.child = spawn(process.execPath, [programPath()], {
        detached: true,
        cwd: directory,
        env: plainEnvironment(),
        stdio: ['ignore', stderr, stderr, 'pipe'],
      });
    } finally {
      closeSync(stderr);
    }
    this.child.unref();
    this.exited = new Promise((resolve) => {
      let ended = false;
      const end = (exitCode: number | null, signal: string | null, error = '') => {
        if (ended) return;
        ended = true;
        this.link.destroy();
        events.onExit({ exitCode, signal }, error || this.takeStderr());
        resolve();
      };
      this.child.once('error', (error) => end(null, null, error.message));
      this.child.once('exit', end);
    });
    this.link = new FrameLink(linkOf(this.child), {
      onFrame: (type, body) => events.onFrame(type, body),
      // How it ended is known when the process has been waited for.
      onEnd: () => this.child.ref(),
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Resolves when the process has ended; by force if it takes too long. */
  async ended(): Promise<void> {
    this.child.ref();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
    await this.exited;
    clearTimeout(timer);
  }

  /** Asks it to end, before this returns. It does so by itself when this process has gone. */
  endNow(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
  }

  private takeStderr(): string {
    try {
      const text = readFileSync(this.stderrFile, 'utf8').trim();
      if (text === '') rmSync(this.stderrFile);
      return text.length > 2000 ? `…${text.slice(-2000)}` : text;
    } catch {
      return '';
    }
  }
}

/** This package by its own name: the sources, the build and a user's bundle lie in different places. */
function programPath(): string {
  const manifest = createRequire(import.meta.url).resolve('@parsl-ts/htex/package.json');
  return join(dirname(manifest), 'bin', 'parsl-interchange.js');
}

/** Without what a debugger, a test runner or a TypeScript loader has put there for this process. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(?:NODE_OPTIONS|NODE_V8_COVERAGE|NODE_CHANNEL_\w+|VITEST\w*)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** Node.js makes a socket pair for `pipe`, also where its types know of a stream that is only read. */
function linkOf(child: ChildProcess): Socket {
  const link = child.stdio[3];
  if (link instanceof Socket) return link;
  throw new Error('the link to the interchange is not a socket');
}
