import { open } from 'node:fs/promises';

/** Bytes of a job's output that are looked at. */
const TAIL_BYTES = 2048;

/** The end of a file of text, however large it is; empty when the file is not there or cannot be read. */
export async function outputTail(path: string | undefined): Promise<string> {
  if (path === undefined) {
    return '';
  }
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - TAIL_BYTES);
      const { bytesRead, buffer } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
      return `${start > 0 ? '…' : ''}${buffer.toString('utf8', 0, bytesRead)}`;
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
}
