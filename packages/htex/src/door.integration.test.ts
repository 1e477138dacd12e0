import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { INTRUDERS, type IntruderKind } from '@parsl-ts-internal/other-hosts';
import { curveKeyPair } from 'zeromq';
import { describe, expect, test } from 'vitest';

import { ProtocolPeer } from './testing/protocol-peer.js';
import { useRunDirectory } from './testing/run-directory.js';
import { startExecutor } from './testing/started-executor.js';
import { TestTask, testFunction } from './testing/test-tasks.js';

const run = useRunDirectory();
/** How long the log may take to tell where somebody is who comes again and again, in ms. */
const PATIENCE_MS = 60_000;
/** They are thrown out by ZeroMQ's own thread, and seen only if the interchange itself gets its turn before that is done. */
const GONE_AT_ONCE: ReadonlySet<IntruderKind> = new Set<IntruderKind>(['an HTTP request', 'random bytes']);
const isLinux = existsSync('/proc/self/net/tcp');

interface LogLine {
  readonly message: string;
  readonly address?: string;
  readonly reason?: string;
}

function logOf(label = 'htex'): LogLine[] {
  return readFileSync(join(run.path, label, 'interchange.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);
}

const refusals = () => logOf().filter(({ message }) => message === 'refused a connection');

/** Tries until the log tells of somebody at 127.0.0.1, or, of those who may never be seen, long enough that it tells that. */
async function untilTold(kind: IntruderKind, attempt: () => { close(): void }): Promise<LogLine> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
    const peers = Array.from({ length: 5 }, attempt);
    await delay(120);
    for (const peer of peers) peer.close();
    const told = refusals().find(({ address }) => address === '127.0.0.1');
    if (told !== undefined) return told;
  }
  const [unseen] = refusals();
  if (GONE_AT_ONCE.has(kind) && unseen?.address === 'gone before it was seen') return unseen;
  throw new Error('nobody was told of');
}

describe('who is not let in is told of, with the reason', () => {
  test.each<[IntruderKind, RegExp]>([
    ['no keys', /does not encrypt as this interchange does/],
    ['another server key', /its key file is not of this run/],
    ['an unknown key of its own', /its key is not one of this run/],
    ['a password', /does not encrypt as this interchange does/],
    ['an HTTP request', /not what ZeroMQ sends/],
    ['random bytes', /not what ZeroMQ sends/],
  ])('%s', async (kind, reason) => {
    await using started = await startExecutor(run.path);
    const { htex, endpoint, keys } = started;
    const target = { endpoint, keys: keys! };
    const told = await untilTold(kind, () => INTRUDERS[kind](target));
    expect(told.reason).toMatch(reason);
    // Once, however often it comes again.
    const again = Array.from({ length: 200 }, () => INTRUDERS[kind](target));
    await delay(500);
    for (const peer of again) peer.close();
    const addresses = refusals().map(({ address }) => address);
    expect(addresses).toContain(told.address);
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(addresses.length).toBeLessThanOrEqual(2);
    expect(htex.connectedManagers()).toEqual([]);
    const good = new ProtocolPeer(endpoint, keys);
    good.register();
    const task = new TestTask(testFunction('() => 1'));
    htex.submit(task);
    good.succeed(await good.nextTasks(), 'yes');
    await expect(task.outcome).resolves.toBe('yes');
    good.close();
  });
});

test.skipIf(!isLinux)('pools that come and go are not taken for intruders', async () => {
  await using started = await startExecutor(run.path);
  const { endpoint, keys } = started;
  for (let round = 0; round < 3; round++) {
    const peers = Array.from({ length: 5 }, () => new ProtocolPeer(endpoint, keys));
    for (const peer of peers) peer.register();
    await Promise.all(peers.map((peer) => peer.next(11)));
    for (const peer of peers) peer.close();
    await delay(150);
  }
  await delay(400);
  expect(refusals()).toEqual([]);
});

test('each run has keys of its own: those of another one open nothing', async () => {
  await using first = await startExecutor(run.path, { label: 'first' });
  await using second = await startExecutor(run.path, { label: 'second' });
  expect(new Set([...Object.values(first.keys!), ...Object.values(second.keys!)]).size).toBe(6);
  for (const keys of [first.keys!, { ...first.keys!, serverKey: second.keys!.serverKey }]) {
    const stranger = new ProtocolPeer(second.endpoint, keys);
    const refused = new Promise<void>((resolve) => {
      for (const type of ['protocol', 'auth', 'other'] as const) {
        stranger.events.on(`handshake:error:${type}`, () => resolve());
      }
    });
    stranger.register();
    await refused;
    stranger.close();
  }
  expect(second.htex.connectedManagers()).toEqual([]);
  expect(curveKeyPair().publicKey).not.toBe(second.keys!.publicKey);
});
