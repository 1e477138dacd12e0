import { readSync, writeSync } from 'node:fs';

/**
 * A file that a worker and its manager share, in memory where the host has such files: what the worker has finished and
 * not sent yet. To write there costs half of what a write to the connection does, and does not wake the manager, who
 * looks only when the worker has died or a lease is over.
 *
 * It has two places, written in turn, so that the death of the worker in the middle of a write (the kernel stops between
 * two pages) leaves what was written before. Layout of each: sequence number (u32), length of the records (u32), the
 * records, the sequence number again. A place with two different numbers in it was not written to the end.
 */
const HEAD_BYTES = 8;
const TAIL_BYTES = 4;
const MAX_RECORDS_BYTES = 16 * 1024;
const PLACE_BYTES = HEAD_BYTES + MAX_RECORDS_BYTES + TAIL_BYTES;
/** Looks at a journal that is written faster than it can be read. */
const LOOKS = 100;

/** The worker's side: results that wait to be sent. */
export class JournalWriter {
  private readonly fd: number;
  private readonly bytes = Buffer.alloc(PLACE_BYTES);
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
    // 0 stands for a place that was never written.
    this.sequence = (this.sequence % 0xffffffff) + 1;
    this.bytes.writeUInt32LE(this.sequence, 0);
    this.bytes.writeUInt32LE(this.end - HEAD_BYTES, 4);
    this.bytes.writeUInt32LE(this.sequence, this.end);
    try {
      const length = this.end + TAIL_BYTES;
      const place = (this.sequence % 2) * PLACE_BYTES;
      if (writeSync(this.fd, this.bytes, 0, length, place) !== length) return false;
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
    const bytes = Buffer.allocUnsafe(2 * PLACE_BYTES);
    const read = readSync(fd, bytes, 0, bytes.length, 0);
    bytes.fill(0, read);
    const [even, odd] = [readPlace(bytes, 0), readPlace(bytes, PLACE_BYTES)];
    // Sequence numbers begin anew after 2^32.
    const newest =
      even === undefined || (odd !== undefined && (odd.sequence - even.sequence) >> 0 > 0) ? odd : even;
    if (newest !== undefined) return newest.records;
    if (read === 0) break;
  }
  return Buffer.alloc(0);
}

/** What is in one of the places, if it was written to the end. */
function readPlace(bytes: Buffer, start: number): { sequence: number; records: Buffer } | undefined {
  const sequence = bytes.readUInt32LE(start);
  const length = bytes.readUInt32LE(start + 4);
  if (sequence === 0 || length > MAX_RECORDS_BYTES) return undefined;
  const records = bytes.subarray(start + HEAD_BYTES, start + HEAD_BYTES + length);
  return bytes.readUInt32LE(start + HEAD_BYTES + length) === sequence ? { sequence, records } : undefined;
}
