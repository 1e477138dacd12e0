import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { until } from './commands.js';

/** How to start a {@link Daemon}. */
export interface DaemonSetup {
  /** Its name, for people. */
  readonly name: string;
  /** Its command, made when it is started. */
  command(): readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** File that gets what it writes. */
  readonly logPath: string;
  /** Rejects while it does not do its work yet. The signal ends it. */
  check(signal: AbortSignal): Promise<unknown>;
}

/** How long a daemon may take until it does its work, in ms. */
const READY_MS = 60_000;

/** How long a daemon may take to end when it is asked to, in ms. It is killed then. */
const STOP_MS = 10_000;

/**
 * A program that runs in the foreground as a child of this process. It dies with this process, however that ends: the
 * kernel sees to it.
 */
export class Daemon {
  readonly name: string;
  readonly #setup: DaemonSetup;
  #child: ChildProcess | undefined;

  constructor(setup: DaemonSetup) {
    this.name = setup.name;
    this.#setup = setup;
  }

  /** Its process id; `undefined` while it does not run. */
  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined;
  }

  get running(): boolean {
    return this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it, unless it runs, and waits until it does its work. */
  async start(): Promise<void> {
    if (!this.running) this.#child = this.#spawn();
    const gone = new AbortController();
    const over = once(this.#child ?? process, 'exit', { signal: gone.signal }).then(() => {
      throw new Error(`${this.name} has ended: ${readFileSync(this.#setup.logPath, 'utf8').slice(-2000)}`);
    });
    over.catch(() => undefined);
    try {
      await Promise.race([
        until(this.name, { ms: READY_MS, signal: gone.signal }, () => this.#setup.check(gone.signal)),
        over,
      ]);
    } finally {
      gone.abort();
    }
  }

  /** Asks it to end, and waits for that. */
  async stop(): Promise<void> {
    this.thaw();
    await this.#end('SIGTERM');
  }

  /** Ends it without a chance to do anything about it. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** It keeps its connections, and answers nobody. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** Lets it go on. */
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.running || this.#child === undefined) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(late);
  }

  #spawn(): ChildProcess {
    const { env, logPath } = this.#setup;
    const log = openSync(logPath, 'a');
    try {
      // A session of its own, so that Ctrl-C in a terminal is not for it.
      return spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...this.#setup.command()], {
        detached: true,
        env,
        stdio: ['ignore', log, log],
      });
    } finally {
      closeSync(log);
    }
  }
}
