import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';

/** Length of an entry (u32), length of the manager's id (u8). */
const ENTRY_HEAD_BYTES = 5;
/** First submission (f64), how many follow each other from it on (u32). */
const RUN_BYTES = 12;
/** Submissions in one run, at most: a number that is damaged keeps nobody busy for long. */
const MOST_IN_RUN = 4096;
/** The number of the file at its start (u32); 0 for one that is not in use. */
const NUMBER_BYTES = 4;
/** Stands for the number when something could not be noted. */
const INCOMPLETE = 0xffffffff;
/** Stands for a manager where a task waits again. */
export const NOBODY = '';
/** A file of so many bytes may be written anew, if it is twice as long as when that was done the last time. */
const LONG_BYTES = 1024 * 1024;

/**
 * Which manager was given which task last. The interchange notes it before it sends the tasks, and the submit process reads
 * it when the interchange has died. Two files without names, in memory: one is appended to; when that has become long, what
 * still counts is written into the other one, which is then the one in use.
 */
export class AssignmentJournal {
  private readonly files: readonly [number, number];
  private current = 0;
  private number = 0;
  private end = 0;
  private longFrom = LONG_BYTES;
  private unwritten: Buffer[] = [];

  /**
   * @param files descriptors, each of this journal's own
   * @throws Error of the system when new files cannot be written
   */
  constructor(files: readonly [number, number]) {
    this.files = files;
    const [first, second] = files.map((file) => numberOf(file));
    this.current = (second ?? 0) > (first ?? 0) ? 1 : 0;
    this.number = Math.max(first ?? 0, second ?? 0);
    if (this.number === 0) this.begin();
    this.end = fstatSync(this.file).size;
  }

  /** Tasks are about to be given to a manager, or wait again: {@link NOBODY}. {@link write} makes it last. */
  note(manager: string, submissions: readonly number[]): void {
    this.unwritten.push(entry(manager, submissions));
  }

  /** Whether {@link rewrite} should be called. */
  get isLong(): boolean {
    return this.end >= this.longFrom;
  }

  /** Makes what was noted last beyond the end of this process. If it cannot, the journal says that it is incomplete. */
  write(): void {
    if (this.unwritten.length === 0) return;
    const bytes = Buffer.concat(this.unwritten);
    this.unwritten = [];
    try {
      this.append(bytes);
    } catch {
      this.spoil();
    }
  }

  /** Forgets everything but this: what each manager holds. */
  rewrite(held: Iterable<readonly [manager: string, submissions: Iterable<number>]>): void {
    if (this.number === INCOMPLETE) return;
    const { number } = this;
    try {
      this.current = 1 - this.current;
      ftruncateSync(this.file, 0);
      // Only what is complete gets the number by which it counts.
      this.end = NUMBER_BYTES;
      for (const [manager, submissions] of held) {
        const bytes = entry(manager, [...submissions]);
        if (bytes.length > ENTRY_HEAD_BYTES + manager.length) this.append(bytes);
      }
      this.number = number + 1;
      writeNumber(this.file, this.number);
      this.longFrom = Math.max(LONG_BYTES, 2 * this.end);
    } catch {
      this.spoil();
    }
  }

  /** Whether everything could be noted. */
  get isComplete(): boolean {
    return this.files.every((file) => numberOf(file) !== INCOMPLETE);
  }

  /** Who was given each of the wanted submissions last. Those that nobody was given are not there. */
  read(isWanted: (submission: number) => boolean): Map<number, string> {
    const holders = new Map<number, string>();
    const bytes = Buffer.alloc(fstatSync(this.file).size);
    readSync(this.file, bytes, 0, bytes.length, 0);
    for (let at = NUMBER_BYTES; at + ENTRY_HEAD_BYTES <= bytes.length;) {
      const end = at + bytes.readUInt32LE(at);
      // The last one may have been cut off, and its tasks were not sent then.
      if (end > bytes.length || end <= at) break;
      const runsAt = at + ENTRY_HEAD_BYTES + bytes.readUInt8(at + 4);
      const manager = bytes.toString('latin1', at + ENTRY_HEAD_BYTES, runsAt);
      for (let run = runsAt; run + RUN_BYTES <= end; run += RUN_BYTES) {
        const first = bytes.readDoubleLE(run);
        const count = Math.min(bytes.readUInt32LE(run + 8), MOST_IN_RUN);
        for (let step = 0; step < count; step++) {
          const submission = first + step;
          if (manager === NOBODY) holders.delete(submission);
          else if (isWanted(submission)) holders.set(submission, manager);
        }
      }
      at = end;
    }
    return holders;
  }

  private get file(): number {
    return this.files[this.current] ?? this.files[0];
  }

  private begin(): void {
    this.number = 1;
    writeNumber(this.file, this.number);
  }

  private append(bytes: Buffer): void {
    const written = writeSync(this.file, bytes, 0, bytes.length, this.end);
    if (written !== bytes.length) throw new Error('no room');
    this.end += written;
  }

  /** Overwriting needs no room. */
  private spoil(): void {
    this.number = INCOMPLETE;
    for (const file of this.files) if (fstatSync(file).size > 0) writeNumber(file, INCOMPLETE);
  }
}

function numberOf(file: number): number {
  const bytes = Buffer.alloc(NUMBER_BYTES);
  readSync(file, bytes, 0, NUMBER_BYTES, 0);
  return bytes.readUInt32LE(0);
}

function writeNumber(file: number, number: number): void {
  const bytes = Buffer.alloc(NUMBER_BYTES);
  bytes.writeUInt32LE(number, 0);
  writeSync(file, bytes, 0, NUMBER_BYTES, 0);
}

function entry(manager: string, submissions: readonly number[]): Buffer {
  const runs: [first: number, count: number][] = [];
  for (const submission of submissions) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === submission && last[1] < MOST_IN_RUN) last[1]++;
    else runs.push([submission, 1]);
  }
  const id = Buffer.from(manager, 'latin1');
  const bytes = Buffer.allocUnsafe(ENTRY_HEAD_BYTES + id.length + runs.length * RUN_BYTES);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt8(id.length, 4);
  let at = ENTRY_HEAD_BYTES + id.copy(bytes, ENTRY_HEAD_BYTES);
  for (const [first, count] of runs) {
    bytes.writeDoubleLE(first, at);
    bytes.writeUInt32LE(count, at + 8);
    at += RUN_BYTES;
  }
  return bytes;
}
