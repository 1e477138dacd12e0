import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';

import { plainEnvironment, type ProcessEnd } from '@parsl-ts/wire';

import { FrameLink } from '../link/frame-link.js';
import { INTERCHANGE_FD } from '../link/interchange-descriptors.js';

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
   * @param journal Descriptors of the files in which it notes its assignments.
   */
  constructor(directory: string, journal: readonly number[], events: InterchangeProcessEvents) {
    this.stderrFile = join(directory, 'interchange.err');
    mkdirSync(directory, { recursive: true });
    const stderr = openSync(this.stderrFile, 'w');
    try {
      // A session of its own: Ctrl-C in a terminal is for this process, which then ends the interchange in order.
      this.child = spawn(process.execPath, [programPath()], {
        detached: true,
        cwd: directory,
        env: plainEnvironment(process.env),
        // In the order of `INTERCHANGE_FD`.
        stdio: ['ignore', stderr, stderr, 'pipe', 'pipe', ...journal],
      });
    } finally {
      closeSync(stderr);
    }
    // Told of below, if it ever was started.
    this.child.on('error', () => undefined);
    this.child.unref();
    let readAll: () => void = () => undefined;
    const allRead = new Promise<void>((resolve) => (readAll = resolve));
    const stdio: unknown = this.child.stdio;
    // So Node.js leaves it when there was no descriptor or no memory for a process.
    if (!Array.isArray(stdio)) {
      throw new Error(
        'no process can be started: are there file descriptors and processes left (ulimit -n, -u)?',
      );
    }
    const sockets = {
      reading: socketOf(stdio[INTERCHANGE_FD.answers]),
      writing: socketOf(stdio[INTERCHANGE_FD.orders]),
    };
    this.link = new FrameLink(sockets, {
      onFrame: (type, body) => events.onFrame(type, body),
      onEnd: () => {
        // How it ended is known when the process has been waited for.
        this.child.ref();
        readAll();
      },
    });
    this.exited = this.ending(allRead, events);
  }

  /** What it has sent before its end counts. */
  private async ending(allRead: Promise<void>, events: InterchangeProcessEvents): Promise<void> {
    const [end, error] = await new Promise<[ProcessEnd, string]>((resolve) => {
      this.child.once('error', ({ message }) => resolve([{ exitCode: null, signal: null }, message]));
      this.child.once('exit', (exitCode, signal) => resolve([{ exitCode, signal }, '']));
    });
    if (this.child.pid === undefined) this.link.destroy();
    await allRead;
    this.link.destroy();
    events.onExit(end, error || this.takeStderr());
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

  /** Lets it know that this process goes, before this returns. */
  endNow(): void {
    this.link.destroy();
  }

  private takeStderr(): string {
    try {
      const text = readFileSync(this.stderrFile, 'utf8').trim();
      if (text === '') rmSync(this.stderrFile);
      return excerpt(text);
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

/** What Node.js makes of `pipe`: one end of a socket pair. */
function socketOf(stream: unknown): Socket {
  if (stream instanceof Socket) return stream;
  throw new Error('the link to the interchange is not a socket');
}

/** Node.js says first why it gives up, and then for long where; other programs say it last. */
function excerpt(text: string): string {
  return text.length > 2000 ? `${text.slice(0, 1000)} … ${text.slice(-1000)}` : text;
}
