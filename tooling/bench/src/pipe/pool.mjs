// The bare pipe's worker pool: pool.mjs PORT WORKERS PREFETCH ['turn']
// Gives each batch to the worker that has the fewest tasks, and passes on what comes back. With 'turn', gives it back
// instead.
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Dealer } from 'zeromq';
import { batchReader, countOf } from './batch.mjs';

const [port, workers = 1, prefetch = 1] = process.argv.slice(2).map(Number);
const program = fileURLToPath(new URL('./worker.mjs', import.meta.url));
const dealer = new Dealer({ sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 });

/** @type {Buffer[]} */
let answers = [];
let sending = false;

const crew = Array.from({ length: workers }, () => {
  const child = spawn(process.execPath, [program, String(prefetch)], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  const link = child.stdio[3];
  if (!(link instanceof Socket)) throw new TypeError('a worker has no connection');
  const worker = { link, tasks: 0 };
  const read = batchReader((batch) => {
    worker.tasks -= countOf(batch);
    answers.push(batch);
  });
  link.on('data', (chunk) => {
    read(chunk);
    if (!sending) void send();
  });
  return worker;
});

// The submit process holds the other end.
process.stdin.resume().on('end', () => process.exit(0));

dealer.connect(`tcp://127.0.0.1:${port}`);
const capacity = Buffer.alloc(4);
capacity.writeUInt32LE(workers * prefetch);
await dealer.send(capacity);

const isTurn = process.argv[5] === 'turn';
for await (const [batch] of dealer) {
  if (batch === undefined) continue;
  if (isTurn) {
    answers.push(batch);
    if (!sending) void send();
    continue;
  }
  const worker = crew.reduce((least, one) => (one.tasks < least.tasks ? one : least));
  worker.tasks += countOf(batch);
  worker.link.write(batch);
}

async function send() {
  sending = true;
  for (let batches = answers; batches.length > 0; batches = answers) {
    answers = [];
    for (const batch of batches) await dealer.send(batch);
  }
  sending = false;
}
