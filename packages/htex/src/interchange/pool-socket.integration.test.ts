import { Context, Dealer } from 'zeromq';
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
