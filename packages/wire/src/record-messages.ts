import { preamble } from './message.js';
import { LIMITS, PREAMBLE_BYTES, type MessageType } from './protocol.js';
import { joinRecords, recordLength, type PackedRecord } from './record.js';

/**
 * The messages that take these records, in order: as few as can be within {@link LIMITS}, and none with more bytes than a
 * frame may have, large payloads included, unless it is for one record alone. A message is heard of when all of it has
 * arrived, and is a sign of life: several large ones in one would take as long as a silence that means death. Without any
 * record, one message that says so.
 */
export function recordMessages(type: MessageType, records: readonly PackedRecord[]): Buffer[][] {
  const messages: Buffer[][] = [];
  let start = 0;
  let bytes = PREAMBLE_BYTES;
  for (const [index, record] of records.entries()) {
    const length = recordLength(record) + (record.detached?.length ?? 0);
    const count = index - start;
    if (count > 0 && (bytes + length > LIMITS.frameBytes || count === LIMITS.recordsPerMessage)) {
      messages.push(joinRecords(preamble(type), records.slice(start, index)));
      start = index;
      bytes = PREAMBLE_BYTES;
    }
    bytes += length;
  }
  messages.push(joinRecords(preamble(type), start === 0 ? records : records.slice(start)));
  return messages;
}
