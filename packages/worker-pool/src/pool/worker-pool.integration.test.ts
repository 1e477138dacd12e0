import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlMessage, MessageType, readRegister } from '@parsl-ts/wire';
import { describe, expect, test } from 'vitest';
import { InterchangePeer } from '../testing/interchange-peer.js';
import { errorOf, PoolBench, processes } from '../testing/pool-bench.js';
import type { WorkerPoolOptions } from './options.js';
import { startWorkerPool } from './worker-pool.js';

const bench = PoolBench.use();

describe('a pool', () => {
  test('tells what it is when it registers', async () => {
    bench.peer = await InterchangePeer.listen();
    const registration = bench.peer.registration();
    bench.pool = await startWorkerPool({
      addresses: [bench.peer.address],
      maxWorkersPerNode: 1,
      blockId: '7',
      prefetchCapacity: 3,
    });
    expect(await registration).toMatchObject({ blockId: '7', workers: 1, capacity: 4, pid: process.pid });
  });

  test('hands back what has not started and ends its workers when it is closed', async () => {
    await bench.start({ maxWorkersPerNode: 1 });
    const wait = await bench.peer.define('export default () => { for (;;); }');
    const [running, waiting] = await bench.peer.submit([{ functionIndex: wait }, { functionIndex: wait }]);
    await expect.poll(() => bench.peer.started).toEqual([running]);
    const goodbye = bench.peer.next(MessageType.goodbye);
    await bench.pool.close('the job was cancelled');
    await goodbye;
    expect(bench.peer.returned).toEqual([waiting]);
    expect(errorOf(await bench.peer.outcome(running!))).toMatchObject({
      code: 'PARSL_MANAGER_LOST',
      message: expect.stringContaining('the job was cancelled'),
    });
    expect(processes(bench.pool.id)).toEqual([]);
  });

  test('drains: finishes, says goodbye, ends', async () => {
    await bench.start({ maxWorkersPerNode: 1, drainPeriodMs: 150 });
    const goodbye = bench.peer.next(MessageType.goodbye);
    const drain = bench.peer.next(MessageType.drain);
    const outcome = bench.peer.runSource(
      'export default () => new Promise((r) => setTimeout(() => r(1), 400))',
    );
    await drain;
    await goodbye;
    expect(await outcome).toEqual({ value: 1 });
    expect(await bench.pool.closed).toMatchObject({ exitCode: 0 });
  });

  test('waits for nobody to have its results when the run ends while its workers do', async () => {
    await bench.start({ maxWorkersPerNode: 1, drainPeriodMs: 500 });
    bench.peer.acknowledges = false;
    const drain = bench.peer.next(MessageType.drain);
    // A worker that takes its time to end.
    const outcome = bench.peer.runSource(
      "export default () => { process.on('SIGTERM', () => {}); return new Promise((r) => setTimeout(() => r(1), 1000)); }",
    );
    await drain;
    const ending = bench.peer.next(MessageType.drain);
    expect(await outcome).toEqual({ value: 1 });
    await ending;
    await bench.peer.shutdown();
    expect(await bench.pool.closed).toMatchObject({ exitCode: 0, reason: 'it has drained' });
  });

  test('drains before its block ends, and gives up what still runs a moment before that', async () => {
    await bench.start({ maxWorkersPerNode: 2, walltimeMs: 10_000, drainBeforeEndMs: 7500 });
    const drain = bench.peer.next(MessageType.drain);
    const go = join(bench.dir, 'go');
    const source = `import fs from 'node:fs';
      import { setTimeout } from 'node:timers/promises';
      export default async (go) => { while (!fs.existsSync(go)) await setTimeout(20); return 1; }`;
    const short = bench.peer.runSource(source, { args: [go] });
    const long = bench.peer.runSource(
      'export default () => new Promise(() => setInterval(() => undefined, 1000))',
    );
    await drain;
    writeFileSync(go, '');
    expect(await short).toEqual({ value: 1 });
    expect(errorOf(await long)).toMatchObject({
      code: 'PARSL_MANAGER_LOST',
      message: expect.stringContaining('the walltime of its block is over') as string,
    });
    expect(await bench.pool.closed).toMatchObject({
      exitCode: 0,
      reason: 'the walltime of its block is over',
    });
  });

  test('tells how long it is going to be there', async () => {
    const registration = (options: Partial<WorkerPoolOptions>) =>
      InterchangePeer.listen().then(async (other) => {
        bench.peer = other;
        const told = bench.peer.registration();
        bench.pool = await startWorkerPool({
          addresses: [bench.peer.address],
          coresPerWorker: 0.1,
          maxWorkersPerNode: 1,
          ...options,
        });
        return told;
      });
    const { endsInMs = 0 } = await registration({ walltimeMs: 60_000 });
    expect(endsInMs).toBeGreaterThan(50_000);
    expect(endsInMs).toBeLessThanOrEqual(56_000);
    await bench.pool.close();
    bench.peer.close();
    expect(await registration({})).not.toHaveProperty('endsInMs');
  });

  test('ends when it is told to', async () => {
    await bench.start();
    await bench.peer.shutdown();
    expect(await bench.pool.closed).toMatchObject({ exitCode: 0 });
  });

  test('registers anew when it is told to, with what it holds and what may not have arrived', async () => {
    await bench.start({ maxWorkersPerNode: 1 });
    bench.peer.acknowledges = false;
    expect(await bench.peer.runSource('export default () => 1', { taskId: 10 })).toEqual({ value: 1 });
    await bench.peer.acknowledge();
    expect(await bench.peer.runSource('export default () => 2', { taskId: 20 })).toEqual({ value: 2 });
    const spin = await bench.peer.define('export default () => { for (;;); }');
    const [runs, waits] = await bench.peer.submit([
      { functionIndex: spin, taskId: 30 },
      { functionIndex: spin, taskId: 40 },
    ]);
    const again = bench.peer.next(MessageType.register);
    const results = bench.peer.next(MessageType.results);
    for (const asked of [5, 6, 7]) await bench.peer.send(controlMessage(MessageType.unknown, { asked }));
    const { registration, holdings } = readRegister(await again);
    expect(registration).toMatchObject({ workers: 1 });
    expect(holdings).toMatchObject({ asked: 5, runId: 'test', delivered: 1 });
    const tasks = [...holdings!.tasks].sort((a, b) => a.taskId - b.taskId);
    expect(tasks.map(({ taskId }) => taskId)).toEqual([20, 30, 40]);
    expect(tasks.slice(1).map(({ submission }) => submission)).toEqual([runs, waits]);
    expect(await results).toHaveLength(1);
    await bench.peer.cancel([runs!, waits!], 'not wanted any more');
    expect(await bench.peer.runSource('export default () => 3')).toEqual({ value: 3 });
    expect(bench.peer.received.filter((type) => type === MessageType.register)).toHaveLength(2);
    const ended = bench.pool.close();
    const all = bench.peer.next(MessageType.goodbye);
    await bench.peer.acknowledge();
    await all;
    await ended;
  });

  test('wants to be asked what it has when others of its results have come than it has sent first', async () => {
    await bench.start({ maxWorkersPerNode: 1 });
    bench.peer.acknowledges = false;
    const one = await bench.peer.define('export default () => 1');
    const submissions = await bench.peer.submit([{ functionIndex: one }, { functionIndex: one }]);
    for (const submission of submissions) await bench.peer.outcome(submission);
    const wish = bench.peer.next(MessageType.reconnected);
    await bench.peer.send(controlMessage(MessageType.delivered, { results: 1, last: submissions[1] }));
    await wish;
    bench.peer.acknowledges = true;
    const again = bench.peer.next(MessageType.register);
    await bench.peer.send(controlMessage(MessageType.unknown, { asked: 1 }));
    const { holdings } = readRegister(await again);
    expect(holdings).toMatchObject({ delivered: 0 });
    expect(holdings?.tasks.map(({ submission }) => submission)).toEqual(submissions);
  });

  test('goes on when the interchange is there again, and says so', async () => {
    await bench.start({ maxWorkersPerNode: 1 });
    const spin = await bench.peer.define(
      'export default () => { const end = Date.now() + 1500; while (Date.now() < end); return 7; }',
    );
    const [submission] = await bench.peer.submit([{ functionIndex: spin }]);
    // What has not left by then is dropped with the socket.
    await expect.poll(() => bench.peer.started).toContain(submission);
    const { address } = bench.peer;
    await bench.peer.router.unbind(address);
    bench.peer.close();
    const second = await InterchangePeer.listen({}, address);
    const reconnected = await second.next(MessageType.reconnected);
    expect(reconnected).toHaveLength(1);
    const again = second.next(MessageType.register);
    second.expectOutcome(submission!);
    await second.send(controlMessage(MessageType.unknown, { asked: 9 }));
    expect(readRegister(await again).holdings?.tasks).toEqual([{ submission, taskId: submission }]);
    expect(await second.outcome(submission!)).toEqual({ value: 7 });
    second.close();
    await bench.pool.close();
  });

  test('ends when the interchange falls silent', async () => {
    await bench.start({ heartbeatPeriodMs: 500, heartbeatThresholdMs: 2000 });
    expect(await bench.pool.closed).toMatchObject({ exitCode: 6, reason: expect.stringContaining('silent') });
  });

  test('ends when the interchange is gone and does not come back', async () => {
    await bench.start({ heartbeatPeriodMs: 500, heartbeatThresholdMs: 2000 });
    bench.peer.close();
    expect(await bench.pool.closed).toMatchObject({ exitCode: 6, reason: expect.stringContaining('silent') });
  });

  test('survives bytes that are no messages', async () => {
    await bench.start();
    await bench.peer.send(Buffer.from('?'));
    await bench.peer.send(Buffer.from([0x50, 0x54, 1, MessageType.tasks, 1, 2, 3]));
    await bench.peer.send(Buffer.from([0x50, 0x54, 1, MessageType.code]));
    await bench.peer.send(Buffer.from([0x50, 0x54, 1, MessageType.cancel, 0xc1]));
    await bench.peer.send(Buffer.from([0x50, 0x54, 1, 99]));
    expect(await bench.peer.runSource('export default () => 1')).toEqual({ value: 1 });
  });
});
