import { Unpackr, Packr } from 'msgpackr';

/**
 * A batch, on every hop: length of the whole (u32, little-endian), number of records (u32), then the records, each with
 * its length in bytes (u32) before its MessagePack value: `[number, function, argument]` or `[number, result]`. Whoever
 * passes a batch on passes on these very bytes.
 */
export const HEAD_BYTES = 8;
const RECORD_HEAD_BYTES = 4;

/** A batch that has grown to so many bytes is complete, however few its records. */
const FULL_BYTES = 64 * 1024;
const SLAB_BYTES = 256 * 1024;

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

/** Where an {@link unpackr} has to read. Reused, since nothing happens in between. */
const range = { start: 0, end: 0 };

/** How many records a batch has. @param {Buffer} batch */
export function countOf(batch) {
  return batch.readUInt32LE(4);
}

/**
 * Gives the value of every record of a batch to `visit`.
 *
 * @param {Buffer} batch
 * @param {(record: any[]) => void} visit
 */
export function forEachRecord(batch, visit) {
  for (let at = HEAD_BYTES; at < batch.length;) {
    range.start = at + RECORD_HEAD_BYTES;
    range.end = range.start + batch.readUInt32LE(at);
    visit(unpackr.unpack(batch, range));
    at = range.end;
  }
}

/** Puts records into batches of so many. */
export class BatchWriter {
  /**
   * @param {number} size records in a batch
   * @param {(batch: Buffer) => void} onBatch takes a batch that is complete
   */
  constructor(size, onBatch) {
    this.size = size;
    this.onBatch = onBatch;
    this.slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.start = 0;
    this.end = HEAD_BYTES;
    this.count = 0;
  }

  /** @param {readonly unknown[]} record */
  add(record) {
    const bytes = packr.pack(record);
    const end = this.end + RECORD_HEAD_BYTES + bytes.length;
    if (end > this.slab.length) this.moveTo(end - this.start);
    this.slab.writeUInt32LE(bytes.length, this.end);
    bytes.copy(this.slab, this.end + RECORD_HEAD_BYTES);
    this.end += RECORD_HEAD_BYTES + bytes.length;
    this.count += 1;
    if (this.count === this.size || this.end - this.start >= FULL_BYTES) this.flush();
  }

  /** Completes the batch that has been begun. */
  flush() {
    if (this.count === 0) return;
    const batch = this.slab.subarray(this.start, this.end);
    batch.writeUInt32LE(batch.length, 0);
    batch.writeUInt32LE(this.count, 4);
    this.count = 0;
    this.start = this.end;
    this.end += HEAD_BYTES;
    if (this.end > this.slab.length) this.moveTo(HEAD_BYTES);
    this.onBatch(batch);
  }

  /** Goes on in a new slab with room for `bytes` of the batch that has been begun. @param {number} bytes */
  moveTo(bytes) {
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytes));
    this.slab.copy(slab, 0, this.start, this.end);
    this.slab = slab;
    this.end -= this.start;
    this.start = 0;
  }
}

/**
 * Cuts a byte stream into batches. Copies a batch only when it came in more than one chunk, and then once.
 *
 * @param {(batch: Buffer) => void} onBatch
 * @returns {(chunk: Buffer) => void} takes the next bytes
 */
export function batchReader(onBatch) {
  /** @type {Buffer[]} */
  let chunks = [];
  let available = 0;
  let needed = 4;
  return (chunk) => {
    chunks.push(chunk);
    available += chunk.length;
    if (available < needed) return;
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks, available);
    let start = 0;
    for (;;) {
      needed = bytes.length - start < 4 ? 4 : bytes.readUInt32LE(start);
      if (bytes.length - start < needed) break;
      onBatch(bytes.subarray(start, start + needed));
      start += needed;
    }
    chunks = start === bytes.length ? [] : [bytes.subarray(start)];
    available = bytes.length - start;
  };
}
