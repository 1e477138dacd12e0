import { readSync, writeSync } from 'node:fs';

/**
 * A file that a worker and its manager share, in memory where the host has such files: what the worker has finished and
 * not sent yet. To write there costs half of what a write to the connection does, and does not wake the manager, who
 * looks only when the worker has died or a lease is over.
 *
 * Layout: sequence number (u32), length of the records (u32), the records, the sequence number again. All of it is
 * written at once, so a reader that finds two different numbers has come in between and looks again.
 */
const HEAD_BYTES = 8;
const TAIL_BYTES = 4;
const MAX_RECORDS_BYTES = 32 * 1024;
/** Looks at a journal that is being written, before its worker is taken for dead in the middle of a write. */
const LOOKS = 100;

/** The worker's side: results that wait to be sent. */
export class JournalWriter {
  private readonly fd: number;
  private readonly bytes = Buffer.alloc(HEAD_BYTES + MAX_RECORDS_BYTES + TAIL_BYTES);
  private sequence = 0;
  private end = HEAD_BYTES;
  private written = HEAD_BYTES;
  private waiting = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** Results that wait. */
  get count(): number {
    return this.waiting;
  }

  /** Takes one more result, to be written and sent later. Tells whether there was room. */
  add(source: Buffer, start: number, end: number): boolean {
    if (this.end + end - start > HEAD_BYTES + MAX_RECORDS_BYTES) return false;
    this.end += source.copy(this.bytes, this.end, start, end);
    this.waiting++;
    return true;
  }

  /** Makes what waits safe against the death of this process. Tells whether that worked. */
  write(): boolean {
    if (this.written === this.end) return true;
    this.sequence = (this.sequence + 1) >>> 0;
    this.bytes.writeUInt32LE(this.sequence, 0);
    this.bytes.writeUInt32LE(this.end - HEAD_BYTES, 4);
    this.bytes.writeUInt32LE(this.sequence, this.end);
    try {
      const length = this.end + TAIL_BYTES;
      if (writeSync(this.fd, this.bytes, 0, length, 0) !== length) return false;
    } catch {
      return false;
    }
    this.written = this.end;
    return true;
  }

  /** Takes out what waits, to be sent. */
  take(): Buffer {
    const records = Buffer.from(this.bytes.subarray(HEAD_BYTES, this.end));
    this.end = HEAD_BYTES;
    this.written = HEAD_BYTES;
    this.waiting = 0;
    return records;
  }
}

/**
 * The manager's side: the records in a journal. Some or all of them may have been sent as well, since sending removes
 * nothing.
 */
export function readJournal(fd: number): Buffer {
  for (let look = 0; look < LOOKS; look++) {
    const bytes = Buffer.allocUnsafe(HEAD_BYTES + MAX_RECORDS_BYTES + TAIL_BYTES);
    const read = readSync(fd, bytes, 0, bytes.length, 0);
    if (read < HEAD_BYTES) break;
    const length = bytes.readUInt32LE(4);
    const end = HEAD_BYTES + length;
    if (end + TAIL_BYTES <= read && bytes.readUInt32LE(0) === bytes.readUInt32LE(end)) {
      return bytes.subarray(HEAD_BYTES, end);
    }
  }
  return Buffer.alloc(0);
}
