import { attachPayload, joinRecords, recordLength, type PackedRecord } from '@parsl-ts/wire';

/** A frame of records is closed when it has so many bytes, so that the other side need not wait for all of them. */
const FRAME_BYTES = 1024 * 1024;
/** Length of type and body (u32), type (u8): the head of a stream frame. */
const HEAD = Buffer.alloc(5);
const NOTHING = Buffer.alloc(0);

/**
 * Records as stream frames of the link, their payloads attached; large payloads are not copied. Small records make a frame
 * of one part, which is one system call and not two.
 *
 * @returns the parts of each frame, its head included
 */
export function recordFrames(type: number, records: readonly PackedRecord[]): Buffer[][] {
  const frames: Buffer[][] = [];
  let parts: Buffer[] = [];
  let small: PackedRecord[] = [];
  let bytes = 0;
  const closeRun = () => {
    if (small.length > 0 || parts.length === 0) {
      parts.push(...joinRecords(parts.length === 0 ? HEAD : NOTHING, small));
    }
    small = [];
  };
  const closeFrame = () => {
    if (bytes === 0) return;
    closeRun();
    const [head] = parts;
    head?.writeUInt32LE(1 + bytes, 0);
    head?.writeUInt8(type, 4);
    frames.push(parts);
    parts = [];
    bytes = 0;
  };
  for (const record of records) {
    // A frame takes the largest record, and not always what came before it as well.
    if (recordLength(record) + (record.detached?.length ?? 0) >= FRAME_BYTES) closeFrame();
    if (record.detached === undefined) {
      small.push(record);
      bytes += recordLength(record);
    } else {
      closeRun();
      parts.push(...attachPayload(record));
      bytes += recordLength(record) + record.detached.length;
    }
    if (bytes >= FRAME_BYTES) closeFrame();
  }
  closeFrame();
  return frames;
}
