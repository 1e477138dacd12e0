import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { GridEngineBed } from '@parsl-ts-internal/gridengine-bed';
import type { KernelConfig } from '@parsl-ts/core';
import type { HighThroughputExecutorOptions } from '@parsl-ts/htex';
import type { GridEngineProviderOptions } from '../grid-engine-options.js';

const SCRIPT = fileURLToPath(new URL('fixtures/submit-host.mjs', import.meta.url));

/** What the script of a {@link SubmitHost} is to do. */
export interface Work {
  readonly kernel?: Omit<KernelConfig, 'executors' | 'runDir'>;
  readonly executor?: HighThroughputExecutorOptions;
  readonly provider: GridEngineProviderOptions;
  readonly tasks: number;
  readonly taskMs: number;
  /**
   * How many of the tasks, the last ones, stay where they are until they are let go.
   *
   * @default 0
   */
  readonly staying?: number;
  /** Whether it waits for all blocks to be given back before it closes. */
  readonly idle?: boolean;
}

/** What the script saw. */
export interface Sight {
  readonly event: string;
  readonly hosts?: readonly string[];
  readonly uids?: readonly number[];
  readonly blocks: readonly {
    readonly jobId?: string;
    readonly outcome: string;
    readonly state?: string;
  }[];
}

/** An ordinary user, whom every Debian has; `undefined` where this checkout is in a directory that is root's only. */
export function ordinaryUser(): { readonly uid: number; readonly gid: number } | undefined {
  const nobody = { uid: 65_534, gid: 65_534 };
  const { status } = spawnSync(process.execPath, ['--check', SCRIPT], nobody);
  return status === 0 ? nobody : undefined;
}

/** A user's script that runs on the submit host of a bed, as an ordinary user where that can be. */
export class SubmitHost {
  /** The directory of its runs, in that of the bed. */
  readonly runDir: string;
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  /** Where tasks that stay note their host. */
  readonly #meeting: string;
  readonly #sights: AsyncIterator<string>;
  #complaint = '';

  constructor(bed: GridEngineBed, work: Work) {
    const user = ordinaryUser();
    this.runDir = mkdtempSync(join(bed.directory, 'tmp', 'run-'));
    this.#meeting = join(this.runDir, 'meeting');
    mkdirSync(this.#meeting);
    if (user !== undefined) {
      chownSync(this.runDir, user.uid, user.gid);
      chownSync(this.#meeting, user.uid, user.gid);
    }
    const orders = JSON.stringify({ ...work, runDir: this.runDir, meeting: this.#meeting });
    this.process = spawn(process.execPath, [SCRIPT, orders], {
      ...user,
      cwd: this.runDir,
      env: { PATH: process.env['PATH'], HOME: this.runDir, TMPDIR: this.runDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stderr.on('data', (chunk: Buffer) => (this.#complaint += chunk.toString()));
    this.#sights = createInterface(this.process.stdout)[Symbol.asyncIterator]();
  }

  /**
   * What it sees next, which must be this.
   *
   * @throws Error with what it wrote to standard error when it has ended
   */
  async sees(event: string): Promise<Sight> {
    const { value, done } = await this.#sights.next();
    const sight = done === true ? undefined : (JSON.parse(value) as Sight);
    if (sight?.event !== event) {
      throw new Error(`it saw ${sight?.event ?? 'its end'} rather than ${event}: ${this.#complaint}`);
    }
    return sight;
  }

  /** What its run has logged so far. */
  log(): string {
    return readFileSync(join(this.runDir, '000', 'parsl.log'), 'utf8');
  }

  /** Names of the hosts where tasks stay. */
  stays(): readonly string[] {
    return readdirSync(this.#meeting).sort();
  }

  /** Lets the tasks that stay end. */
  letGo(): void {
    writeFileSync(join(this.#meeting, 'go'), '');
  }

  /** Kills it, as nothing that it could prepare for. */
  async kill(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = once(this.process, 'exit');
      this.process.kill('SIGKILL');
      await exited;
    }
  }
}
