/** What small records are cut from: one buffer for many, so that a waiting task retains few bytes besides its own. */
const SLAB_BYTES = 16 * 1024;

/** Larger records get a buffer of their own. A slab lives as long as any record in it. */
const MAX_SHARED_BYTES = 2 * 1024;

/** Memory for one record. */
export interface RecordSpace {
  readonly source: Buffer;
  readonly view: DataView;
  readonly start: number;
}

let slab = Buffer.alloc(0);
let slabView = viewOf(slab);
let used = 0;

/** Memory for a record of so many bytes, not cleared. Records made one after the other lie side by side mostly. */
export function recordSpace(bytes: number): RecordSpace {
  if (bytes > MAX_SHARED_BYTES) {
    const source = Buffer.allocUnsafeSlow(bytes);
    return { source, view: viewOf(source), start: 0 };
  }
  if (used + bytes > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabView = viewOf(slab);
    used = 0;
  }
  const start = used;
  used += bytes;
  return { source: slab, view: slabView, start };
}

/** Copies `bytes` to `at`. A call into the runtime costs more than a loop over a few bytes. */
export function copyInto(source: Buffer, at: number, bytes: Buffer): void {
  if (bytes.length > 48) {
    source.set(bytes, at);
    return;
  }
  for (let index = 0; index < bytes.length; index++) source[at + index] = bytes[index] ?? 0;
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}
