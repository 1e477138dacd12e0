// The bare pipe's worker: worker.mjs BATCH
// File descriptor 3 is the link to the pool.
import { Socket } from 'node:net';
import { batchReader, BatchWriter, forEachRecord } from './batch.mjs';

const link = new Socket({ fd: 3, readable: true, writable: true });
const fn = (/** @type {unknown} */ x) => x;

const writer = new BatchWriter(Number(process.argv[2]), (batch) => link.write(batch));
const read = batchReader((batch) => {
  forEachRecord(batch, (number, x) => writer.add(number, fn(x)));
  writer.flush();
});
link.on('data', (chunk) => {
  link.cork();
  read(chunk);
  link.uncork();
});
link.on('close', () => process.exit(0));
link.on('error', () => process.exit(0));
