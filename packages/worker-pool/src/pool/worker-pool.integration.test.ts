import { afterEach, describe, expect, test } from 'vitest';

import { InterchangePeer } from '../testing/interchange-peer.js';
import { type WorkerPoolOptions } from './options.js';
import { startWorkerPool, type WorkerPool } from './worker-pool.js';

let peer: InterchangePeer | undefined;
let pool: WorkerPool | undefined;

afterEach(async () => {
  await pool?.close();
  peer?.close();
});

async function start(options: Partial<WorkerPoolOptions> = {}): Promise<InterchangePeer> {
  peer = await InterchangePeer.listen();
  pool = await startWorkerPool({ addresses: [peer.address], maxWorkersPerNode: 2, ...options });
  return peer;
}

describe('a worker pool', () => {
  test('runs tasks', async () => {
    const interchange = await start();
    const add = await interchange.define('export default (a, b) => a + b');
    expect(await interchange.run({ functionIndex: add, args: [1, 2] })).toEqual({ value: 3 });
    const many = await interchange.submit(
      Array.from({ length: 500 }, (_, index) => ({ functionIndex: add, args: [index, 1] })),
    );
    const outcomes = await Promise.all(many.map((submission) => interchange.outcome(submission)));
    expect(outcomes).toEqual(many.map((_, index) => ({ value: index + 1 })));
  });
});
