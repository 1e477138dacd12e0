import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';

import type { EndedBlock } from '@parsl-ts/core';
import {
  Codec,
  joinRecords,
  MessageType,
  packControl,
  preamble,
  readRefusal,
  ResultStatus,
  taskField,
  writeResult,
} from '@parsl-ts/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ProtocolPeer } from './testing/protocol-peer.js';
import { useRunDirectory } from './testing/run-directory.js';
import { poolsWhere, startExecutor, type StartedExecutor } from './testing/started-executor.js';
import { TestTask, testFunction } from './testing/test-tasks.js';

/** How every block has ended, as far as anybody asks. */
const ENDED: EndedBlock = {
  ...{ blockId: '0', jobId: '1', outcome: 'failed', registered: true, error: undefined },
  status: { state: 'failed', exitCode: 3 },
};

const run = useRunDirectory();
let started: StartedExecutor;
let peer: ProtocolPeer;

beforeEach(async () => {
  started = await startExecutor(run.path, {}, { blockEnd: () => Promise.resolve(ENDED) });
  peer = new ProtocolPeer(started.endpoint, started.keys);
  peer.register();
});

afterEach(async () => {
  peer.close();
  await started.htex.close();
});

/** What a task comes to whose worker answers with these bytes. */
async function outcome(
  bytes: Buffer,
  codec: Codec = Codec.msgpack,
  status: number = ResultStatus.succeeded,
): Promise<unknown> {
  const task = new TestTask(testFunction('() => 1'));
  started.htex.submit(task);
  const [record] = await peer.nextTasks();
  const submission = taskField.submission(record!);
  peer.send(
    joinRecords(preamble(MessageType.results), [
      writeResult(submission, ResultStatus.started, 0, { codec: Codec.msgpack, bytes: packControl({}) }),
      writeResult(submission, status as ResultStatus, 1, { codec, bytes }),
    ]),
  );
  return task.outcome.catch((error: unknown) => error);
}

/** What of the built-in classes could be changed. */
function prototypes(): string {
  return JSON.stringify(
    [Object, Array, Error, Map, Promise, Function].map((each) => [
      Reflect.ownKeys(each.prototype).map(String),
      Reflect.ownKeys(each).map(String),
    ]),
  );
}

const utf8 = (text: string) => [0xd9, text.length, ...Buffer.from(text)];
const deep = (levels: number) => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
};
/** Of V8's format: its version, and a tag. */
const v8 = (...bytes: number[]) => Buffer.from([0xff, 0x0f, ...bytes]);
const refused = { code: 'PARSL_DESERIALIZATION' };

describe('whatever a worker answers is data, or the failure of its own task', () => {
  const answers: [what: string, bytes: Buffer, codec: Codec, becomes: unknown][] = [
    ['an array of four billion', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), Codec.msgpack, refused],
    ['a map of four billion', Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff]), Codec.msgpack, refused],
    ['a text of four gigabytes', Buffer.from([0xdb, 0xff, 0xff, 0xff, 0xff]), Codec.msgpack, refused],
    ['a million levels', Buffer.alloc(1_000_001, 0x91), Codec.msgpack, refused],
    ['a decoder to compile', Buffer.from([0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 5]), Codec.msgpack, refused],
    [
      'an object of V8 too deep for the stack',
      Buffer.concat([v8(), Buffer.alloc(2_000_000, 0x41)]),
      Codec.v8,
      refused,
    ],
    ['a dense array of V8 with nothing in it', v8(0x41, 0xff, 0xff, 0xff, 0xff, 0x0f), Codec.v8, refused],
    ['shared memory', v8(0x75, 0x00), Codec.v8, refused],
    ['a module of WebAssembly', v8(0x77, 0x00), Codec.v8, refused],
    ['an object of the host', v8(0x5c, 0x00, 0xff, 0xff), Codec.v8, refused],
    [
      'a view of memory that is not there',
      v8(0x42, 0x04, 1, 2, 3, 4, 0x56, 0x42, 0x08, 0x08),
      Codec.v8,
      refused,
    ],
    ['a reference to nothing', v8(0x5e, 0x05), Codec.v8, refused],
  ];
  test.each(answers)('%s', async (_what, bytes, codec, becomes) => {
    const before = prototypes();
    await expect(outcome(bytes, codec)).resolves.toMatchObject(becomes as object);
    expect(await outcome(Buffer.from([0xa2, ...Buffer.from('ok')]))).toBe('ok');
    expect(prototypes()).toBe(before);
  });

  test.each([
    ['MessagePack', Codec.msgpack],
    ['V8', Codec.v8],
  ])('properties named like prototypes, in %s', async (_name, codec) => {
    const before = prototypes();
    const text =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"then":1,"toString":2}';
    const value = JSON.parse(text) as object;
    const bytes =
      codec === Codec.v8
        ? serialize(value)
        : Buffer.from([
            ...[0x84, ...utf8('__proto__'), 0x81, ...utf8('polluted'), 1],
            ...[...utf8('constructor'), 0x81, ...utf8('prototype'), 0x81, ...utf8('polluted'), 1],
            ...[...utf8('then'), 1, ...utf8('toString'), 2],
          ]);
    const back = (await outcome(bytes, codec)) as object;
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
    expect('polluted' in back).toBe(false);
    expect(prototypes()).toBe(before);
  });

  test('an accessor does not travel: only what it gave', async () => {
    let looks = 0;
    const value = Object.defineProperty({}, 'x', { enumerable: true, get: () => ++looks });
    const back = (await outcome(serialize(value), Codec.v8)) as object;
    expect(Object.getOwnPropertyDescriptor(back, 'x')).toMatchObject({ value: 1 });
    expect(looks).toBe(1);
  });

  test('deep values of V8 come to no more than an error', async () => {
    const back = await outcome(serialize(deep(2000)), Codec.v8);
    expect(Array.isArray(back) || back instanceof Error).toBe(true);
  });
});

describe('an error', () => {
  const data = { name: 'Error', message: 'm', stack: 's', fields: {}, cause: undefined, errors: undefined };

  test('of megabytes is clipped before its stack is read', async () => {
    const long = 'at f (file:///x.mjs:1:1)\n'.repeat(200_000);
    const error = (await outcome(
      serialize({ ...data, name: long, message: long, stack: long }),
      Codec.v8,
      ResultStatus.failed,
    )) as Error;
    for (const text of [error.name, error.message, error.stack!]) expect(text.length).toBeLessThan(100_000);
  });

  test('has no prototype but those of errors, whatever it is called and whatever its fields are', async () => {
    const before = prototypes();
    const fields = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":1,"prototype":1,"cause":1}',
    ) as object;
    for (const name of ['__proto__', 'constructor', 'Function', 'Object', 'process', 'WorkerLost']) {
      const error = await outcome(serialize({ ...data, name, fields }), Codec.v8, ResultStatus.failed);
      expect(Object.getPrototypeOf(error)).toBe(Error.prototype);
      expect(error).not.toHaveProperty('polluted');
    }
    expect(prototypes()).toBe(before);
  });

  test('and paths in it make no file', async () => {
    const file = join(run.path, 'written');
    const fields = { stdout: file, stderr: file, path: file, file };
    const before = readdirSync(run.path, { recursive: true }).sort();
    await outcome(
      serialize({ ...data, fields, stack: `at f (file://${file}:1:1)` }),
      Codec.v8,
      ResultStatus.failed,
    );
    await outcome(serialize({ stdout: file, outputs: [file] }), Codec.v8);
    expect(readdirSync(run.path, { recursive: true }).sort()).toEqual(before);
  });

  test('that passes for the loss of a pool, with fields that cannot be shown, ends nothing but its task', async () => {
    const unspeakable = { toString: 1, valueOf: 2 };
    const lost = { manager: unspeakable, host: unspeakable, blockId: '0', reason: unspeakable };
    const fields = { code: 'PARSL_MANAGER_LOST', ...lost };
    const error = await outcome(
      serialize({ ...data, name: 'ManagerLost', fields }),
      Codec.v8,
      ResultStatus.failed,
    );
    expect(error).toMatchObject({ code: 'PARSL_MANAGER_LOST', message: 'm' });
    expect(await outcome(Buffer.from([0xa2, ...Buffer.from('ok')]))).toBe('ok');
  });

  test('a status that there is not is one', async () => {
    expect(await outcome(Buffer.from([0xa1, 0x61]), Codec.msgpack, 77)).toMatchObject(refused);
  });
});

describe('who a pool says it is', () => {
  test.each([
    ['a terminal to be steered', { host: 'n1\u001b[2J' }],
    ['lines of their own', { blockId: '0\n{"level":"info"}' }],
    ['steering characters above ASCII', { node: 'v20\u009b2J' }],
    ['a name of a megabyte', { host: 'n'.repeat(900_000) }],
    ['a name of more bytes than letters', { host: '\u{1f600}'.repeat(127) }],
  ])('is refused with %s', async (_what, changes) => {
    const stranger = new ProtocolPeer(started.endpoint, started.keys);
    stranger.register(changes);
    expect(readRefusal(await stranger.next(MessageType.refused))).toMatch(/malformed/);
    stranger.close();
  });

  test('has a log whose name steers no terminal when the pool is lost', async () => {
    const stranger = new ProtocolPeer(started.endpoint, started.keys);
    await started.htex.holdManager(peer.id);
    stranger.register({ logFile: '/logs/\u001b[2J\n\u202e/manager.log' });
    await stranger.next(MessageType.registered);
    const task = new TestTask(testFunction('() => 1'));
    started.htex.submit(task);
    await stranger.nextTasks();
    stranger.close();
    const error = (await task.outcome.catch((reason: unknown) => reason)) as Error;
    expect(error.message).toContain(String.raw`/logs/\u001b[2J\u000a\u202e/manager.log`);
  });

  test('is refused when ZeroMQ knows it by bytes that cannot be shown', async () => {
    const stranger = new ProtocolPeer(started.endpoint, started.keys, 'a\u001b[2Jb');
    stranger.register();
    expect(readRefusal(await stranger.next(MessageType.refused))).toMatch(/malformed/);
    stranger.close();
    const log = readFileSync(join(run.path, 'htex', 'interchange.log'));
    expect(log.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a)).toBe(true);
  });

  test('the longest that may be said, by as many as are told of at once, still comes across', async () => {
    const before = started.htex.connectedManagers().length;
    const peers = Array.from({ length: 100 }, () => new ProtocolPeer(started.endpoint, started.keys));
    const long = {
      host: 'h'.repeat(255),
      blockId: 'b'.repeat(255),
      node: 'n'.repeat(64),
      version: 'v'.repeat(64),
    };
    for (const each of peers) each.register(long);
    await poolsWhere(() => started.htex.connectedManagers().length >= before + 100);
    for (const each of peers) each.close();
  });

  test('a place that is none is not told', async () => {
    const task = new TestTask(testFunction('() => 1'));
    let place: unknown;
    task.started = (where) => (place = where);
    started.htex.submit(task);
    const [record] = await peer.nextTasks();
    const submission = taskField.submission(record!);
    const places = [{ host: 5, worker: {} }, { host: 'n1', worker: '\u001b[31m' }, 'text'];
    peer.send(
      joinRecords(
        preamble(MessageType.results),
        places.map((each) =>
          writeResult(submission, ResultStatus.started, 0, {
            codec: Codec.msgpack,
            bytes: packControl(each as object),
          }),
        ),
      ),
    );
    peer.succeed([record!], 'yes');
    await expect(task.outcome).resolves.toBe('yes');
    expect(place).toBeUndefined();
  });
});
