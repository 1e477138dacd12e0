// The bare pipe's worker: worker.mjs BATCH
// File descriptor 3 is the link to the pool.
import { Socket } from 'node:net';
import { batchReader, BatchWriter, forEachRecord } from './batch.mjs';

const link = new Socket({ fd: 3, readable: true, writable: true });
/** By the number that records name them with. @type {readonly ((x: any) => unknown)[]} */
const functions = [
  (x) => x,
  (bytes) => bytes.length + (bytes.at(-1) ?? 0),
  ([size, fill]) => Buffer.alloc(size, fill),
];

const writer = new BatchWriter(Number(process.argv[2]), (batch) => link.write(batch));
const read = batchReader((batch) => {
  forEachRecord(batch, ([number, fn, x]) => writer.add([number, functions[fn]?.(x)]));
  writer.flush();
});
link.on('data', (chunk) => {
  link.cork();
  read(chunk);
  link.uncork();
});
link.on('close', () => process.exit(0));
link.on('error', () => process.exit(0));
