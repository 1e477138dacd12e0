// The bare pipe's interchange: interchange.mjs ['turn']
// File descriptor 3 is the link to the submit process. Passes batches on and counts what is under way, nothing else.
// With 'turn', gives them back instead.
import { Socket } from 'node:net';
import { Router } from 'zeromq';
import { batchReader, countOf } from './batch.mjs';

const link = new Socket({ fd: 3, readable: true, writable: true });
const router = new Router({ sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 });

/** @type {Buffer[]} */
let waiting = [];
let next = 0;
/** Tasks that the pool may still get. */
let credit = 0;
/** @type {Buffer | undefined} */
let pool;
let sending = false;

const read = batchReader(
  process.argv[2] === 'turn' ? (batch) => link.write(batch) : (batch) => waiting.push(batch),
);
link.on('data', (chunk) => {
  read(chunk);
  void send();
});
link.on('close', () => process.exit(0));
link.on('error', () => process.exit(0));

await router.bind('tcp://127.0.0.1:*');
const hello = Buffer.alloc(8);
hello.writeUInt32LE(8, 0);
hello.writeUInt32LE(Number(router.lastEndpoint?.split(':').pop()), 4);
link.write(hello);

// The first message of the pool says how many tasks it wants to hold.
const [identity, capacity] = await router.receive();
pool = identity;
credit = capacity?.readUInt32LE(0) ?? 0;
void send();

for (;;) {
  const [, batch] = await router.receive();
  if (batch === undefined) continue;
  credit += countOf(batch);
  link.write(batch);
  if (waiting.length > 0) void send();
}

async function send() {
  if (sending || pool === undefined) return;
  sending = true;
  for (let batch = waiting[next]; batch !== undefined; batch = waiting[next]) {
    const count = countOf(batch);
    if (credit < count) break;
    credit -= count;
    next += 1;
    await router.send([pool, batch]);
  }
  if (next === waiting.length) {
    waiting = [];
    next = 0;
  }
  sending = false;
}
