import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import { OutputFileError, type TaskOptions } from '@parsl-ts/wire';

/**
 * Sends what is written to `process.stdout` and `process.stderr`, also through `console`, to the files asked for. What
 * child processes write to inherited descriptors, and direct writes to descriptors 1 and 2, are not seen here.
 *
 * @returns The function that ends it.
 * @throws OutputFileError when a file cannot be opened; nothing is captured then.
 */
export function captureOutput(options: TaskOptions): () => void {
  const out = options.stdout === undefined ? undefined : openOutput('stdout', options.stdout);
  let err: number | undefined;
  try {
    if (options.stderr !== undefined) {
      err = options.stderr === options.stdout ? out : openOutput('stderr', options.stderr);
    }
  } catch (error) {
    if (out !== undefined) closeSync(out);
    throw error;
  }
  const restore = [redirect(process.stdout, out), redirect(process.stderr, err)];
  return () => {
    for (const end of restore) end();
    if (out !== undefined) closeSync(out);
    if (err !== undefined && err !== out) closeSync(err);
  };
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
