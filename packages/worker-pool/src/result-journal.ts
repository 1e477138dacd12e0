import { readSync, writeSync } from 'node:fs';

/**
 * A file that a worker and its manager share, in memory where the host has such files: what the worker has begun, and
 * what it has finished and not sent yet. To write there costs half of what a write to the connection does, and does not
 * wake the manager, who looks only when the worker has died or a lease is over.
 *
 * At the start of the file is the submission (f64) of the last task that the worker had to start and has begun with; NaN
 * before the first. Behind it results are appended, each between two copies (u32) of the journal's number; a result begins with its own length. When
 * what waited has been sent, the journal begins anew behind the head of the file, with the next number. So reading ends at
 * the first place with another number: there is what an earlier journal has left, or a write that was cut off when the
 * worker died (the kernel may stop between two pages).
 */
const HEAD_BYTES = 8;
const MARK_BYTES = 4;
const LENGTH_BYTES = 4;
const JOURNAL_BYTES = 16 * 1024;

/**
 * Writes the head of a new file, so that there is room for it from now on.
 *
 * @throws Error of the system when there is no room
 */
export function layOutJournal(fd: number): void {
  writeSync(fd, headOf(NaN), 0, HEAD_BYTES, 0);
}

function headOf(submission: number): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeDoubleLE(submission, 0);
  return head;
}

/** The worker's side: what it begins with, and results that wait to be sent. */
export class JournalWriter {
  private readonly fd: number;
  /** What the file is to hold. */
  private readonly image = Buffer.alloc(JOURNAL_BYTES);
  /** The same without marks, to be sent. */
  private readonly results = Buffer.alloc(JOURNAL_BYTES);
  private number = 1;
  private imageEnd = 0;
  private resultsEnd = 0;
  private written = 0;
  private waiting = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  /**
   * Notes that a task is begun with.
   *
   * @throws Error of the system when it cannot be noted: it must not be started then
   */
  begin(submission: number): void {
    writeSync(this.fd, headOf(submission), 0, HEAD_BYTES, 0);
  }

  /** Results that wait. */
  get count(): number {
    return this.waiting;
  }

  /** Takes one more result, to be written and sent later. Tells whether there was room. */
  add(source: Buffer, start: number, end: number): boolean {
    const length = end - start;
    const { image, imageEnd, number } = this;
    if (imageEnd + length + 2 * MARK_BYTES > JOURNAL_BYTES) return false;
    image.writeUInt32LE(number, imageEnd);
    source.copy(image, imageEnd + MARK_BYTES, start, end);
    image.writeUInt32LE(number, imageEnd + MARK_BYTES + length);
    this.imageEnd += length + 2 * MARK_BYTES;
    this.resultsEnd += source.copy(this.results, this.resultsEnd, start, end);
    this.waiting++;
    return true;
  }

  /** Makes what waits safe against the death of this process. Tells whether that worked. */
  write(): boolean {
    const length = this.imageEnd - this.written;
    if (length === 0) return true;
    try {
      if (writeSync(this.fd, this.image, this.written, length, HEAD_BYTES + this.written) !== length)
        return false;
    } catch {
      return false;
    }
    this.written = this.imageEnd;
    return true;
  }

  /** Takes out what waits, to be sent. */
  take(): Buffer {
    const results = Buffer.from(this.results.subarray(0, this.resultsEnd));
    // 0 stands for a file in which nothing was ever written.
    this.number = (this.number % 0xffffffff) + 1;
    this.imageEnd = 0;
    this.resultsEnd = 0;
    this.written = 0;
    this.waiting = 0;
    return results;
  }
}

/** The manager's side: the task that the worker had to start and has begun with last; `NaN` if there was none. */
export function readBegun(fd: number): number {
  const head = headOf(NaN);
  readSync(fd, head, 0, HEAD_BYTES, 0);
  return head.readDoubleLE(0);
}

/**
 * The manager's side: the results in a journal. Some or all of them may have been sent as well, since sending removes
 * nothing.
 */
export function readJournal(fd: number): Buffer {
  const image = Buffer.allocUnsafe(JOURNAL_BYTES);
  const size = readSync(fd, image, 0, image.length, HEAD_BYTES);
  const number = size < MARK_BYTES ? 0 : image.readUInt32LE(0);
  const results: Buffer[] = [];
  for (let at = 0; number > 0 && at + MARK_BYTES + LENGTH_BYTES <= size;) {
    const start = at + MARK_BYTES;
    const end = start + image.readUInt32LE(start);
    if (image.readUInt32LE(at) !== number || end + MARK_BYTES > size) break;
    if (image.readUInt32LE(end) !== number) break;
    results.push(image.subarray(start, end));
    at = end + MARK_BYTES;
  }
  return Buffer.concat(results);
}
