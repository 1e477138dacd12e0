import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { printable } from '@parsl-ts/wire';

import { WorkerOutput } from './worker-output.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The pool's log: JSON lines in `manager.log`, or, without a directory, only problems, as text on standard error. There
 * are few lines, so each is written at once and none is lost with the process.
 */
export class PoolLog {
  /** Directory of this pool's logs. */
  readonly dir: string | undefined;
  private readonly base: Fields;
  private readonly fd: number | undefined;

  /** @throws The error of the file system when the directory cannot be made or written. */
  constructor(dir: string | undefined, base: Fields) {
    this.dir = dir === undefined ? undefined : resolve(dir);
    this.base = base;
    if (this.dir === undefined) return;
    mkdirSync(this.dir, { recursive: true });
    this.fd = openSync(join(this.dir, 'manager.log'), 'a');
  }

  /** The log itself; `undefined` when there is no directory. */
  get file(): string | undefined {
    return this.dir === undefined ? undefined : join(this.dir, 'manager.log');
  }

  /** The file for the output of a worker; `undefined` when there is no directory. */
  outputFile(rank: number): string | undefined {
    return this.dir === undefined ? undefined : join(this.dir, `worker_${String(rank)}.log`);
  }

  info(message: string, fields: Fields = {}): void {
    this.write('info', message, fields);
  }

  warn(message: string, fields: Fields = {}): void {
    this.write('warn', message, fields);
  }

  /** Opens the file for the output of a worker, as {@link outputFile}. */
  openOutput(rank: number): WorkerOutput | undefined {
    const file = this.outputFile(rank);
    return file === undefined ? undefined : new WorkerOutput(openSync(file, 'a+'));
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
  }

  private write(level: 'info' | 'warn', message: string, fields: Fields): void {
    if (this.fd === undefined) {
      if (level === 'warn') {
        process.stderr.write(`${printable(`parsl-worker-pool: ${message}${details(fields)}`)}\n`);
      }
      return;
    }
    const line = { time: new Date().toISOString(), level, ...this.base, message, ...fields };
    try {
      writeSync(this.fd, `${printable(JSON.stringify(line))}\n`);
    } catch {
      // A full disk must not end a pool that works.
    }
  }
}

function details(fields: Fields): string {
  const entries = Object.entries(fields);
  return entries.length === 0
    ? ''
    : ` (${entries.map(([key, value]) => `${key}: ${String(value)}`).join(', ')})`;
}
