import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { PROGRAM } from './program.js';

/** Options of a {@link GridEngineBed}. */
export interface GridEngineBedOptions {
  /**
   * Execution hosts, named `exec1`, `exec2`, ….
   *
   * @default 2
   */
  readonly hosts?: number;
  /**
   * Slots of each host in the queue `all.q`.
   *
   * @default 4
   */
  readonly slots?: number;
}

/** What the program says of a bed that it has started. */
interface About {
  readonly directory: string;
  readonly address: string;
  readonly hosts: readonly string[];
}

type Program = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * A real Grid Engine on this machine, for as long as this process lives: a qmaster and several execution hosts, each with a
 * host name, processes and an address of its own. Parallel environments are `smp` (one host), `mpi` (round robin), `fill`
 * (one host after the other) and `pairs` (two slots on each host). However this process ends, everything of the bed ends.
 */
export class GridEngineBed implements AsyncDisposable {
  /** Its directory, which every user can reach: configuration, logs and spool. */
  readonly directory: string;
  /** Directory of the clients (`qsub`, …), for `PATH`. They lead to this bed, and any user can run them. */
  readonly clients: string;
  /** Address under which the execution hosts reach this machine. */
  readonly submitAddress: string;
  /** Names of the execution hosts. */
  readonly hosts: readonly string[];
  readonly #program: Program;

  private constructor(program: Program, { directory, address, hosts }: About) {
    this.#program = program;
    this.directory = directory;
    this.clients = `${directory}/bin`;
    this.submitAddress = address;
    this.hosts = hosts;
  }

  /** Starts a bed. Resolves when all of its hosts take jobs: in about two seconds. Rejects where there can be none. */
  static async start({ hosts = 2, slots = 4 }: GridEngineBedOptions = {}): Promise<GridEngineBed> {
    const argv = ['serve', '--hosts', String(hosts), '--slots', String(slots)];
    const program = spawn(PROGRAM, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
    let complaint = '';
    program.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const ended = once(program, 'close').then(() => Promise.reject(new Error(complaint)));
    const [line] = (await Promise.race([once(createInterface(program.stdout), 'line'), ended])) as [string];
    ended.catch(() => undefined);
    return new GridEngineBed(program, JSON.parse(line) as About);
  }

  /** Kills the qmaster. Jobs run on. */
  killQmaster(): Promise<void> {
    return this.#order('kill-qmaster');
  }

  /** Starts the qmaster again. The hosts are back within half a minute; until then it does not know what ends on them. */
  startQmaster(): Promise<void> {
    return this.#order('start-qmaster');
  }

  /** Stops the qmaster where it is. Its clients wait for it. */
  freezeQmaster(): Promise<void> {
    return this.#order('freeze-qmaster');
  }

  /** Has a frozen qmaster go on. */
  thawQmaster(): Promise<void> {
    return this.#order('thaw-qmaster');
  }

  /** Kills everything that runs on an execution host, as if its power had failed. */
  killHost(name: string): Promise<void> {
    return this.#order('kill-host', name);
  }

  /** Starts an execution host again. Resolves when it takes jobs. */
  startHost(name: string): Promise<void> {
    return this.#order('start-host', name);
  }

  /** Ends everything at once, and removes the directory. */
  async stop(): Promise<void> {
    if (this.#program.exitCode === null && this.#program.signalCode === null) {
      const exited = once(this.#program, 'exit');
      this.#program.stdin.end();
      await exited;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #order(...order: readonly string[]): Promise<void> {
    const env = { ...process.env, GRIDENGINE_BED: this.directory };
    await promisify(execFile)(PROGRAM, ['ctl', ...order], { env });
  }
}
