import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { HighThroughputExecutor } from './high-throughput-executor.js';
import { ProtocolPeer } from './testing/protocol-peer.js';
import { useRunDirectory } from './testing/run-directory.js';
import { startExecutor } from './testing/started-executor.js';
import { TestTask, testContext, testFunction } from './testing/test-tasks.js';
import { MessageType } from '@parsl-ts/wire';

const run = useRunDirectory();
const fn = testFunction('() => 1');

function interchangePid(): number {
  const [first = ''] = readFileSync(join(run.path, 'htex', 'interchange.log'), 'utf8').split('\n');
  const { pid } = JSON.parse(first) as { pid: number };
  return pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('close: pools are told, the process is gone, tasks fail', async () => {
  const { htex, endpoint, keys } = await startExecutor(run.path);
  const peer = new ProtocolPeer(endpoint, keys);
  peer.register();
  await peer.next(MessageType.registered);
  const pid = interchangePid();
  const task = new TestTask(fn);
  htex.submit(task);
  await peer.nextTasks();
  const told = peer.next(MessageType.shutdown).then(() => peer.close());
  await htex.close();
  await told;
  expect(isAlive(pid)).toBe(false);
  await expect(task.outcome).rejects.toMatchObject({ code: 'PARSL_EXECUTOR_CLOSED' });
  expect(htex.connectedManagers()).toEqual([]);
  expect(existsSync(join(run.path, 'htex', 'interchange.err'))).toBe(false);
  await htex.close();
  const late = new TestTask(fn);
  htex.submit(late);
  await expect(late.outcome).rejects.toMatchObject({ code: 'PARSL_EXECUTOR_CLOSED' });
});

test('a busy port names the option', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const workerPort = typeof address === 'object' && address !== null ? address.port : 0;
  const starting = startExecutor(run.path, { workerPort });
  await expect(starting).rejects.toMatchObject({ code: 'PARSL_INTERCHANGE_START', option: 'workerPort' });
  await expect(starting).rejects.toThrow(`port ${workerPort} is in use on 127.0.0.1`);
  await expect(startExecutor(run.path, { workerPortRange: [workerPort, workerPort] })).rejects.toMatchObject({
    option: 'workerPortRange',
  });
  server.close();
});

test.each([
  ['an address of another host', '192.0.2.1', /cannot listen on '192\.0\.2\.1'.*not an address of this host/],
  ['a name that nobody knows', 'no-such-host.invalid', /no IPv4 address is known for/],
])('%s names the option', async (_what, address, message) => {
  const starting = startExecutor(run.path, { address });
  await expect(starting).rejects.toMatchObject({ code: 'PARSL_INTERCHANGE_START', option: 'address' });
  await expect(starting).rejects.toThrow(message);
});

test('without encryption and an address, only this host is let in', async () => {
  const htex = new HighThroughputExecutor({ encrypted: false });
  await htex.start(testContext(run.path));
  expect(htex.workerPoolCommand()).toMatch(/--connect tcp:\/\/127\.0\.0\.1:\d+ /);
  await htex.close();
});

test('a loopback address of another host names the option', async () => {
  const htex = new HighThroughputExecutor({ encrypted: false, loopbackAddress: '192.0.2.1' });
  const starting = htex.start(testContext(run.path));
  await expect(starting).rejects.toMatchObject({ option: 'loopbackAddress' });
  await htex.close();
});

test('keys are not put where others can read them', async () => {
  mkdirSync(join(run.path, 'htex', 'certificates'), { recursive: true, mode: 0o755 });
  await expect(startExecutor(run.path)).rejects.toThrow(/encrypted.*mode 0700/);
});

test('a run directory that cannot be used says why', async () => {
  const file = join(run.path, 'file');
  writeFileSync(file, '');
  const starting = new HighThroughputExecutor().start(testContext(file));
  await expect(starting).rejects.toMatchObject({ code: 'PARSL_INTERCHANGE_START' });
  await expect(starting).rejects.toThrow(/file\/htex/);
});

test('an interchange that cannot start says why', async () => {
  const execPath = process.execPath;
  process.execPath = '/bin/ls';
  try {
    const starting = startExecutor(run.path);
    await expect(starting).rejects.toMatchObject({ code: 'PARSL_INTERCHANGE_START' });
    await expect(starting).rejects.toThrow(/exited with code 0; it wrote: .*parsl-interchange\.js/);
  } finally {
    process.execPath = execPath;
  }
});

test('closing while it starts', async () => {
  const htex = new HighThroughputExecutor({ address: '127.0.0.1' });
  const starting = htex.start(testContext(run.path));
  starting.catch(() => undefined);
  await Promise.resolve();
  await htex.close();
  await expect(starting).rejects.toMatchObject({ code: 'PARSL_EXECUTOR_CLOSED' });
});

test('two executors in one run', async () => {
  await using one = await startExecutor(run.path, { label: 'one' });
  await using two = await startExecutor(run.path, { label: 'two' });
  for (const { htex, endpoint, keys } of [one, two]) {
    const peer = new ProtocolPeer(endpoint, keys);
    peer.register();
    const task = new TestTask(fn);
    htex.submit(task);
    peer.succeed(await peer.nextTasks(), htex.label);
    await expect(task.outcome).resolves.toBe(htex.label);
    peer.close();
  }
});
