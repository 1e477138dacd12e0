import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorOf, PoolBench } from '../testing/pool-bench.js';

const bench = PoolBench.use();

/** The directory in which the pool keeps functions. */
function own(): string {
  const [name] = readdirSync(bench.dir).filter((each) => each.startsWith('parsl-pool-'));
  return join(bench.dir, name!);
}

const cleared = { exitCode: 1, reason: expect.stringMatching(/parsl-pool-.* was removed/) as string };

test('a function that a pool could not keep is kept when it is needed the next time', async () => {
  await bench.start();
  const source = 'export default () => 1';
  const name = createHash('sha256').update(source).digest('hex');
  const obstacle = join(own(), `${name}.mjs.incomplete`);
  mkdirSync(obstacle);
  const index = await bench.peer.define(source);
  for (let count = 0; count < 2; count++) {
    const error = errorOf(await bench.peer.run({ functionIndex: index }));
    expect(error).toMatchObject({ code: 'PARSL_FUNCTION_NOT_STORED' });
  }
  rmdirSync(obstacle);
  expect(await bench.peer.run({ functionIndex: index })).toEqual({ value: 1 });
});

test('a pool whose directory was removed hands back the tasks of a function that it cannot keep, and ends', async () => {
  await bench.start();
  rmSync(own(), { recursive: true });
  const index = await bench.peer.define('export default () => 1');
  const submissions = await bench.peer.submit([{ functionIndex: index }, { functionIndex: index }]);
  expect(await bench.pool.closed).toMatchObject(cleared);
  await expect.poll(() => bench.peer.returned).toEqual(submissions);
});

test('and it ends when a worker has, which another could not take the place of', async () => {
  await bench.start({ maxWorkersPerNode: 1 });
  const die = await bench.peer.define('export default (signal) => { process.kill(process.pid, signal); }');
  expect(await bench.peer.run({ functionIndex: die, args: [0] })).toEqual({ value: undefined });
  rmSync(own(), { recursive: true });
  const error = errorOf(await bench.peer.run({ functionIndex: die, args: ['SIGKILL'] }));
  expect(error).toMatchObject({ code: 'PARSL_WORKER_LOST', signal: 'SIGKILL' });
  expect(await bench.pool.closed).toMatchObject(cleared);
});
