import { once } from 'node:events';
import { createServer } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';
import { Dealer, Router } from 'zeromq';

import { onGivenUpPort } from '../testing/given-up-port.js';
import { Liveness } from './liveness.js';
import { PoolLog } from './pool-log.js';

const LOG = new PoolLog(undefined, {});

/** A connection to an interchange, and what is found out about it. */
async function watched(timing: { periodMs: number; thresholdMs: number; goneMs: number }) {
  const router = new Router({ linger: 0 });
  await router.bind('tcp://127.0.0.1:0');
  const address = router.lastEndpoint!;
  const dealer = new Dealer({ linger: 0 });
  const seen = { beats: 0, reconnected: 0 };
  let resolve: (reason: string) => void = () => undefined;
  const lost = new Promise<string>((settle) => (resolve = settle));
  const liveness = new Liveness(
    {
      ...{ address, events: dealer.events, log: LOG },
      ...{ periodMs: timing.periodMs, thresholdMs: timing.thresholdMs },
      beat: () => seen.beats++,
      disconnected: () => undefined,
      reconnected: () => seen.reconnected++,
      lost: (reason) => resolve(reason),
    },
    timing.goneMs,
  );
  const handshake = new Promise((done) => dealer.events.on('handshake', done));
  dealer.connect(address);
  await handshake;
  onTestFinished(() => {
    liveness.stop();
    dealer.close();
    router.close();
  });
  return { address, router, liveness, seen, lost };
}

test('a port that stays closed says that the interchange is gone, long before silence does', async () => {
  const { router, address, lost } = await watched({ periodMs: 60_000, thresholdMs: 600_000, goneMs: 600 });
  router.close();
  expect(await lost).toBe(`the interchange is gone: ${address} refuses connections`);
});

test('a port that is open again does not', async () => {
  const { router, address, seen, lost } = await watched({
    ...{ periodMs: 100, thresholdMs: 600_000, goneMs: 6000 },
  });
  await router.unbind(address);
  router.close();
  const again = new Router({ linger: 0 });
  await onGivenUpPort(() => again.bind(address));
  await expect.poll(() => seen.reconnected, { timeout: 10_000 }).toBe(1);
  const before = seen.beats;
  await expect.poll(() => seen.beats, { timeout: 10_000 }).toBeGreaterThan(before + 3);
  again.close();
  await lost;
});

test('a process that was stopped itself does not take the interchange for silent', async () => {
  const { liveness, seen, lost } = await watched({ periodMs: 50, thresholdMs: 400, goneMs: 60_000 });
  liveness.heard();
  const until = performance.now() + 1000;
  while (performance.now() < until);
  await expect.poll(() => seen.beats).toBeGreaterThan(2);
  expect(await lost).toContain('silent');
});

test('a host that does not answer at all is no closed port', async () => {
  const { router, lost, address } = await watched({ periodMs: 100, thresholdMs: 1500, goneMs: 600 });
  await router.unbind(address);
  router.close();
  // Takes connections and says nothing.
  const server = createServer();
  await onGivenUpPort(() => {
    server.listen(Number(new URL(address).port), '127.0.0.1');
    return once(server, 'listening');
  });
  server.on('connection', (socket) => socket.on('error', () => undefined));
  expect(await lost).toContain('silent');
  server.close();
});
