import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';

import { OutputFileError } from './task-error.js';

/** Where output goes; a stream that is left out goes where it went before. */
export interface OutputPaths {
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
}

/**
 * Sends what is written to `process.stdout` and `process.stderr` of this process or worker thread, also through `console`, to
 * the files asked for, appended. Written at once, so that nothing is lost when the process or thread is stopped. What child
 * processes write to inherited descriptors, and direct writes to descriptors 1 and 2, are not seen here.
 *
 * @returns the function that ends it; idempotent
 * @throws OutputFileError when a file cannot be opened; nothing is captured then
 */
export function captureOutput({ stdout, stderr }: OutputPaths): () => void {
  const files = new OutputFiles();
  let restores: readonly (() => void)[];
  try {
    const out = stdout === undefined ? undefined : files.open('stdout', stdout);
    const err = stderr === undefined ? undefined : files.open('stderr', stderr);
    restores = [redirect(process.stdout, out), redirect(process.stderr, err)];
  } catch (error) {
    files.close();
    throw error;
  }
  return () => {
    for (const restore of restores) restore();
    restores = [];
    files.close();
  };
}

/** The files of one capture; one that takes both streams is opened once. */
class OutputFiles {
  private readonly descriptors = new Map<string, number>();

  open(stream: 'stdout' | 'stderr', path: string): number {
    let fd = this.descriptors.get(path);
    if (fd === undefined) {
      fd = openOutput(stream, path);
      this.descriptors.set(path, fd);
    }
    return fd;
  }

  close(): void {
    const open = [...this.descriptors.values()];
    this.descriptors.clear();
    for (const fd of open) closeSync(fd);
  }
}

function openOutput(stream: 'stdout' | 'stderr', path: string): number {
  try {
    makeDirectory(dirname(path));
    return openSync(path, 'a');
  } catch (error) {
    throw new OutputFileError(stream, path, error);
  }
}

/** Node.js's own way (`recursive`) never returns where the system says "no such directory" of what it cannot create: in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another task may have been faster.
    if (!existsSync(path)) throw error;
  }
}

function redirect(stream: NodeJS.WriteStream, fd: number | undefined): () => void {
  if (fd === undefined) return () => undefined;
  const original = Object.getOwnPropertyDescriptor(stream, 'write');
  const write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean => {
    const callback = typeof encoding === 'function' ? encoding : done;
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8')
        : chunk;
    writeAll(fd, bytes);
    if (callback !== undefined) process.nextTick(callback);
    return true;
  };
  Object.defineProperty(stream, 'write', { value: write, configurable: true, writable: true });
  return () => {
    if (original === undefined) Reflect.deleteProperty(stream, 'write');
    else Object.defineProperty(stream, 'write', original);
  };
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
