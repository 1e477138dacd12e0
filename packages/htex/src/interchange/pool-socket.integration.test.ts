import { once } from 'node:events';
import { connect } from 'node:net';
import { curveKeyPair, Context, Dealer } from 'zeromq';
import { expect, test } from 'vitest';

import { PoolSocket } from './pool-socket.js';

test('a message leaves, whenever it comes while others are being sent', async () => {
  let onMessage: () => void = () => undefined;
  const known = new Promise<void>((resolve) => (onMessage = resolve));
  const pools = new PoolSocket(new Context(), undefined, {
    onMessage: () => onMessage(),
    onTurn: () => undefined,
    onUnreachable: () => undefined,
  });
  const peer = new Dealer({ routingId: 'peer', linger: 0 });
  try {
    await pools.router.bind('tcp://127.0.0.1:*');
    const receiving = pools.receive().catch(() => undefined);
    peer.connect(pools.router.lastEndpoint ?? '');
    await peer.send('hello');
    await known;
    for (let turns = 0; turns < 12; turns++) {
      pools.send('peer', [Buffer.from('first')]);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      pools.send('peer', [Buffer.from(`second ${turns}`)]);
      const texts = [await peer.receive(), await peer.receive()].map(([frame]) => frame?.toString());
      expect(texts).toEqual(['first', `second ${turns}`]);
    }
    pools.close(0);
    await receiving;
  } finally {
    peer.close();
  }
});

test.each([true, false])(
  'who announces a giant is cut off before anybody reads it, whether it has keys or not (encrypted: %s)',
  async (encrypted) => {
    const pools = new PoolSocket(new Context(), encrypted ? curveKeyPair() : undefined, {
      onMessage: () => undefined,
      onTurn: () => undefined,
      onUnreachable: () => undefined,
    });
    try {
      await pools.router.bind('tcp://127.0.0.1:*');
      const receiving = pools.receive().catch(() => undefined);
      const socket = connect(Number(new URL(pools.router.lastEndpoint ?? '').port), '127.0.0.1');
      // ZMTP 3.1 (RFC 37): the greeting, and the head of a command of a gigabyte.
      const mechanism = (encrypted ? 'CURVE' : 'NULL').padEnd(20, '\0');
      const signature = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1]);
      const command = Buffer.from([0x06, 0, 0, 0, 0, 0x40, 0, 0, 0]);
      socket.write(Buffer.concat([signature, Buffer.from(mechanism), Buffer.alloc(32), command]));
      socket.resume();
      socket.on('error', () => undefined);
      await once(socket, 'close');
      pools.close(0);
      await receiving;
    } finally {
      pools.router.close();
    }
  },
);
