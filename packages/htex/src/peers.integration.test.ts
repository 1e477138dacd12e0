import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  ManagerLost,
  controlMessage,
  MessageType,
  preamble,
  PROTOCOL_VERSION,
  readRefusal,
  ResultStatus,
  taskField,
  writeResult,
  joinRecords,
  type PoolKeys,
} from '@parsl-ts/wire';
import { curveKeyPair } from 'zeromq';
import { describe, expect, test } from 'vitest';

import { ProtocolPeer } from './testing/protocol-peer.js';
import { useRunDirectory } from './testing/run-directory.js';
import { poolsWhere, startExecutor } from './testing/started-executor.js';
import { TestTask, testFunction } from './testing/test-tasks.js';

const run = useRunDirectory();
const fn = testFunction('() => 1');

/** A peer that is registered and answers one task. */
async function works(peer: ProtocolPeer, submit: (task: TestTask) => void): Promise<void> {
  const task = new TestTask(fn, ['still there?']);
  submit(task);
  peer.succeed(await peer.nextTasks(), 'yes');
  await expect(task.outcome).resolves.toBe('yes');
}

test('a pool registers, gets code, tasks and goes', async () => {
  await using started = await startExecutor(run.path);
  const { htex, endpoint, keys } = started;
  const peer = new ProtocolPeer(endpoint, keys);
  peer.register({ blockId: '7', host: 'n1', workers: 2, capacity: 3 });
  await peer.next(MessageType.registered);
  await poolsWhere(() => htex.connectedManagers().length === 1);
  expect(htex.connectedManagers()).toMatchObject([{ id: peer.id, blockId: '7', host: 'n1', workers: 2 }]);
  expect(htex.connectedBlocks()).toEqual(['7']);
  expect(htex.capacity).toBe(2);
  const tasks = ['a', 'b'].map((arg) => new TestTask(fn, [arg]));
  for (const task of tasks) htex.submit(task);
  expect(htex.outstanding).toBe(2);
  const [, code] = await peer.next(MessageType.code);
  expect(code?.toString()).toBe('export default () => 1;\n');
  peer.succeed(await peer.nextTasks(), { ok: true });
  await expect(Promise.all(tasks.map((task) => task.outcome))).resolves.toEqual([{ ok: true }, { ok: true }]);
  expect(htex.outstanding).toBe(0);
  peer.send([controlMessage(MessageType.goodbye)]);
  await poolsWhere(() => htex.connectedManagers().length === 0);
  peer.close();
});

test('when a task learns that its pool is lost, the pool is not listed any more', async () => {
  await using started = await startExecutor(run.path);
  const { htex, endpoint, keys } = started;
  const peer = new ProtocolPeer(endpoint, keys);
  peer.register();
  const task = new TestTask(fn);
  htex.submit(task);
  await peer.nextTasks();
  await poolsWhere(() => htex.connectedManagers().length === 1);
  const heard = new Promise((resolve) => {
    task.failed = (error) => resolve({ error, managers: htex.connectedManagers() });
  });
  peer.close();
  await expect(heard).resolves.toEqual({ error: expect.any(ManagerLost) as ManagerLost, managers: [] });
});

test('keys are for this user only', async () => {
  await using started = await startExecutor(run.path);
  expect(started.keys).toBeDefined();
  const directory = join(run.path, 'htex', 'certificates');
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, 'pool.json')).mode & 0o777).toBe(0o600);
});

describe('unwelcome peers harm nobody', () => {
  test('another version of the protocol is refused with the reason', async () => {
    await using started = await startExecutor(run.path);
    const { htex, endpoint, keys } = started;
    const good = new ProtocolPeer(endpoint, keys);
    good.register();
    const old = new ProtocolPeer(endpoint, keys);
    const message = preamble(MessageType.register);
    message[2] = PROTOCOL_VERSION + 1;
    old.send([Buffer.concat([message, Buffer.from('whatever a later version says')])]);
    const reason = readRefusal(await old.next(MessageType.refused));
    expect(reason).toMatch(/version 2 of the protocol and the interchange 1; install the same version/);
    await works(good, (task) => htex.submit(task));
    expect(htex.connectedManagers()).toHaveLength(1);
    for (const peer of [good, old]) peer.close();
  });

  test('a malformed registration, and messages of somebody unknown', async () => {
    await using started = await startExecutor(run.path);
    const { htex, endpoint, keys } = started;
    const good = new ProtocolPeer(endpoint, keys);
    good.register();
    const bad = new ProtocolPeer(endpoint, keys);
    bad.register({ workers: 0 });
    expect(readRefusal(await bad.next(MessageType.refused))).toMatch(/malformed/);
    bad.send([controlMessage(MessageType.heartbeat)]);
    await bad.next(MessageType.unknown);
    await works(good, (task) => htex.submit(task));
    for (const peer of [good, bad]) peer.close();
  });

  test('a second process of the same name is told so, the first is asked to come back', async () => {
    await using started = await startExecutor(run.path, { encrypted: false });
    const { endpoint } = started;
    const first = new ProtocolPeer(endpoint, undefined, 'same');
    first.register({ pid: 1 });
    await first.next(MessageType.registered);
    const second = new ProtocolPeer(endpoint, undefined, 'same');
    second.register({ pid: 2 });
    expect(readRefusal(await second.next(MessageType.refused))).toMatch(/registered as same already/);
    for (const peer of [first, second]) peer.close();
  });

  const strangers: [string, (keys: PoolKeys) => PoolKeys | undefined][] = [
    ['no keys', () => undefined],
    ['a key that is not known', (keys) => ({ ...keys, ...curveKeyPair() })],
    ['a wrong server key', (keys) => ({ ...keys, serverKey: curveKeyPair().publicKey })],
  ];
  test.each(strangers)('%s: not let in', async (_what, change) => {
    await using started = await startExecutor(run.path);
    const { htex, endpoint, keys } = started;
    const stranger = new ProtocolPeer(endpoint, change(keys!));
    const failed = new Promise<string>((resolve) => {
      for (const type of ['protocol', 'auth', 'other'] as const) {
        stranger.events.on(`handshake:error:${type}`, () => resolve(type));
      }
      stranger.events.on('disconnect', () => resolve('disconnect'));
    });
    stranger.register();
    await failed;
    const good = new ProtocolPeer(endpoint, keys);
    good.register();
    await works(good, (task) => htex.submit(task));
    expect(htex.connectedManagers().map(({ id }) => id)).toEqual([good.id]);
    for (const peer of [good, stranger]) peer.close();
  });

  test('random bytes on the port and inside messages', async () => {
    await using started = await startExecutor(run.path, { encrypted: false });
    const { htex, endpoint } = started;
    const good = new ProtocolPeer(endpoint);
    good.register({ workers: 1 });
    await good.next(MessageType.registered);
    const noise = new ProtocolPeer(endpoint);
    noise.register({ workers: 1, blockId: 'noise' });
    await noise.next(MessageType.registered);
    await htex.holdManager(noise.id);
    for (let round = 0; round < 500; round++) {
      const type = Object.values(MessageType)[round % 16]!;
      const isReal = type !== MessageType.goodbye && type !== MessageType.disconnected && round % 3 > 0;
      const head = isReal ? preamble(type) : Buffer.alloc(0);
      const frames = Array.from({ length: round % 4 }, () => randomBytes(round % 90));
      noise.send([Buffer.concat([head, randomBytes(round % 70)]), ...frames]);
    }
    for (const bytes of [Buffer.alloc(0), Buffer.from('GET / HTTP/1.1\r\n\r\n'), randomBytes(5000)]) {
      const socket = connect({ host: '127.0.0.1', port: Number(endpoint.split(':')[2]) });
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.write(bytes, resolve));
      socket.destroy();
    }
    noise.send([controlMessage(MessageType.goodbye)]);
    await works(good, (task) => htex.submit(task));
    const log = readFileSync(join(run.path, 'htex', 'interchange.log'), 'utf8')
      .trim()
      .split('\n');
    expect(log.length).toBeLessThan(400);
    for (const line of log) expect(JSON.parse(line)).toHaveProperty('message');
    for (const peer of [good, noise]) peer.close();
  });
});

describe('one bad result is the failure of its own task', () => {
  test.each([
    ['bytes that are nothing', Buffer.from([0xc1]), 1],
    ['an encoding that is not known', Buffer.from([0x90]), 9],
  ])('%s', async (_what, bytes, codec) => {
    await using started = await startExecutor(run.path);
    const { htex, endpoint, keys } = started;
    const peer = new ProtocolPeer(endpoint, keys);
    peer.register();
    const task = new TestTask(fn);
    htex.submit(task);
    const [record] = await peer.nextTasks();
    const result = writeResult(taskField.submission(record!), ResultStatus.succeeded, 1, { codec: 1, bytes });
    result.source[result.start + 12] = codec;
    peer.send(joinRecords(preamble(MessageType.results), [result]));
    await expect(task.outcome).rejects.toMatchObject({ code: 'PARSL_DESERIALIZATION' });
    await works(peer, (again) => htex.submit(again));
    peer.close();
  });

  test('arguments that cannot travel, and a function that cannot be shipped', async () => {
    await using started = await startExecutor(run.path);
    const { htex, endpoint, keys } = started;
    const peer = new ProtocolPeer(endpoint, keys);
    peer.register();
    const bad = new TestTask(fn, [{ deep: [() => 1] }]);
    htex.submit(bad);
    await expect(bad.outcome).rejects.toMatchObject({
      code: 'PARSL_SERIALIZATION',
      path: 'args[0].deep[0]',
    });
    const reason = new Error('captures x');
    const unshippable = { ...fn, bundle: () => Promise.reject(reason) };
    const first = new TestTask(unshippable);
    htex.submit(first);
    await expect(first.outcome).rejects.toBe(reason);
    const second = new TestTask(unshippable);
    htex.submit(second);
    await expect(second.outcome).rejects.toBe(reason);
    expect(htex.outstanding).toBe(0);
    await works(peer, (task) => htex.submit(task));
    peer.close();
  });
});

test('holdManager: the pool gets no more', async () => {
  await using started = await startExecutor(run.path);
  const { htex, endpoint, keys } = started;
  const [held, other] = [new ProtocolPeer(endpoint, keys), new ProtocolPeer(endpoint, keys)];
  for (const peer of [held, other]) {
    peer.register({ workers: 1, capacity: 1 });
    await peer.next(MessageType.registered);
  }
  await htex.holdManager(held.id);
  expect(htex.connectedManagers().find(({ id }) => id === held.id)?.onHold).toBe(true);
  expect(htex.capacity).toBe(1);
  for (let round = 0; round < 5; round++) await works(other, (task) => htex.submit(task));
  for (const peer of [held, other]) peer.close();
});

test('large arguments and results travel whole', async () => {
  await using started = await startExecutor(run.path);
  const { htex, endpoint, keys } = started;
  const peer = new ProtocolPeer(endpoint, keys);
  peer.register();
  const bytes = randomBytes(10_000_000);
  const task = new TestTask(fn, [bytes, 'x']);
  htex.submit(task);
  const [record] = await peer.nextTasks();
  expect(record!.detached!.includes(bytes.subarray(9_000_000))).toBe(true);
  peer.succeed([record!], bytes);
  const value = await task.outcome;
  expect(Buffer.isBuffer(value) && value.equals(bytes)).toBe(true);
  peer.close();
});
