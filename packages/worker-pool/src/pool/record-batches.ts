import { recordLength, type PackedRecord } from '@parsl-ts/wire';

/** The records in batches of at most `maxBytes` each, payloads included; a record that is larger has its own. */
export function recordBatches(records: readonly PackedRecord[], maxBytes: number): PackedRecord[][] {
  const batches: PackedRecord[][] = [];
  let batch: PackedRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const length = recordLength(record) + (record.detached?.length ?? 0);
    if (batch.length > 0 && bytes + length > maxBytes) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += length;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
