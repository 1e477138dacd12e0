import { attachPayload, joinRecords, recordLength, type PackedRecord } from '@parsl-ts/wire';

/** A frame of records is closed when it has so many bytes, so that the other side need not wait for all of them. */
const FRAME_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * Records as bodies of link frames, their payloads attached; large payloads are not copied.
 *
 * @returns the parts of each frame
 */
export function linkFrames(records: readonly PackedRecord[]): Buffer[][] {
  const frames: Buffer[][] = [];
  let parts: Buffer[] = [];
  let small: PackedRecord[] = [];
  let bytes = 0;
  const closeRun = () => {
    if (small.length > 0) parts.push(...joinRecords(NOTHING, small));
    small = [];
  };
  const closeFrame = () => {
    closeRun();
    if (parts.length > 0) frames.push(parts);
    parts = [];
    bytes = 0;
  };
  for (const record of records) {
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
