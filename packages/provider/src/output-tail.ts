import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Bytes of a job's output that are looked at, unless it is said how many. */
const TAIL_BYTES = 2048;

/** How often to look whether a file has come, in ms. */
const LOOK_MS = 100;

/** How long a file that is not there yet is waited for. */
export interface Patience {
  /** In ms from now. */
  readonly ms: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/**
 * The end of a file of text, however large it is. Some schedulers copy a job's output only when it has ended, so a file
 * that is not there can be waited for. Empty when it does not come or cannot be read.
 */
export async function outputTail(
  path: string | undefined,
  patience?: Patience,
  bytes = TAIL_BYTES,
): Promise<string> {
  if (path === undefined) {
    return '';
  }
  const file = await opened(path, patience);
  if (file === undefined) {
    return '';
  }
  try {
    return await tailOf(file, bytes);
  } catch {
    return '';
  } finally {
    await file.close();
  }
}

async function opened(path: string, patience?: Patience): Promise<FileHandle | undefined> {
  const deadline = performance.now() + (patience?.ms ?? 0);
  for (;;) {
    try {
      return await open(path, 'r');
    } catch (error) {
      const mayCome = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!mayCome || patience?.signal.aborted === true || performance.now() >= deadline) {
        return undefined;
      }
    }
    // Does not keep the process alive; ends without a fault when the signal aborts.
    await delay(LOOK_MS, undefined, { ref: false, signal: patience?.signal }).catch(() => undefined);
  }
}

async function tailOf(file: FileHandle, bytes: number): Promise<string> {
  const { size } = await file.stat();
  const start = Math.max(0, size - bytes);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, start);
  return `${start > 0 ? '…' : ''}${buffer.toString('utf8', 0, bytesRead)}`;
}
