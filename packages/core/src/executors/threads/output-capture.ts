import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { OutputFileError } from '@parsl-ts/wire';

/**
 * Sends what this thread writes to its standard output and error to files instead, appended. Written at once, so that
 * nothing is lost when the thread is stopped.
 *
 * @returns the function that ends it
 * @throws OutputFileError when a file cannot be opened; nothing is captured then
 */
export function captureOutput(stdout: string | undefined, stderr: string | undefined): () => void {
  const restores: (() => void)[] = [];
  try {
    if (stdout !== undefined) {
      restores.push(redirect(process.stdout, openOutput('stdout', stdout)));
    }
    if (stderr !== undefined) {
      restores.push(redirect(process.stderr, openOutput('stderr', stderr)));
    }
  } catch (error) {
    restoreAll(restores);
    throw error;
  }
  return () => {
    restoreAll(restores);
  };
}

function restoreAll(restores: readonly (() => void)[]): void {
  for (const restore of restores) {
    restore();
  }
}

function openOutput(stream: 'stdout' | 'stderr', path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'a');
  } catch (cause) {
    throw new OutputFileError(stream, path, cause);
  }
}

function redirect(stream: NodeJS.WriteStream, fd: number): () => void {
  const original = Object.getOwnPropertyDescriptor(stream, 'write');
  const write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | (() => void),
    done?: () => void,
  ): boolean => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, asEncoding(encoding)) : chunk;
    for (let written = 0; written < bytes.length;) {
      written += writeSync(fd, bytes, written);
    }
    const callback = typeof encoding === 'function' ? encoding : done;
    callback?.();
    return true;
  };
  Object.defineProperty(stream, 'write', { value: write, configurable: true, writable: true });
  return () => {
    if (original === undefined) {
      Reflect.deleteProperty(stream, 'write');
    } else {
      Object.defineProperty(stream, 'write', original);
    }
    closeSync(fd);
  };
}

function asEncoding(encoding: BufferEncoding | (() => void) | undefined): BufferEncoding {
  return typeof encoding === 'string' ? encoding : 'utf8';
}
