import { connect, createServer, type AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { addressOf, ConnectionReader, peerConnections, peerConnectionsNow } from './peer-connections.js';

// As Linux writes it on machines that store the lowest byte first.
const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:D431 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0000000000000000 100 0 0 10 0
   1: 0100007F:D431 0100007F:BBDC 06 00000000:00000000 03:000016E7 00000000     0        0 0 3 0000000000000000
   2: 0A00000A:D431 0200000A:8403 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0000000000000000 20 4 30 10 -1
   3: 0A00000A:D432 0300000A:8403 01 00000000:00000000 00:00000000 00000000  1000        0 3 1 0000000000000000 20 4 30 10 -1
   4: 0A00000A:1234 0400000A:D431 06 00000000:00000000 03:000016E7 00000000     0        0 0 3 0000000000000000
 105: 0A00000A:D431 FE01A8C0:0050 04 00000000:00000000 01:00000015 00000000     0        0 0 3 0000000000000000
`;

test.each([1, 7, 100_000])('reads the connections to one port, in pieces of %i', (size) => {
  const reader = new ConnectionReader(0xd431);
  for (let at = 0; at < TABLE.length; at += size) reader.push(TABLE.slice(at, at + size));
  expect([...reader.open]).toEqual(['10.0.0.2:33795']);
  expect([...reader.closed]).toEqual(['127.0.0.1:48092', '192.168.1.254:80']);
  expect([...reader.closed].map(addressOf)).toEqual(['127.0.0.1', '192.168.1.254']);
});

test.skipIf(!existsSync('/proc/self/net/tcp'))('the system shows who is connected, and who was', async () => {
  const server = createServer((socket) => {
    socket.on('data', () => socket.end('bye'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  const peer = `127.0.0.1:${String(client.localPort)}`;
  await expect.poll(() => peerConnectionsNow(port)?.open).toContain(peer);
  client.resume().write('hello');
  await once(client, 'close');
  server.close();
  await expect.poll(async () => (await peerConnections(port))?.closed).toContain(peer);
});
