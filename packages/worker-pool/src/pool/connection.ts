import { LIMITS, type PoolKeys } from '@parsl-ts/wire';
import { type Dealer } from 'zeromq';

import { PoolExit, WorkerPoolError } from '../pool-error.js';

/** A socket to one address. */
export interface Connection {
  readonly address: string;
  readonly socket: Dealer;
  /** Resolves when both sides have agreed on how to talk; rejects with a `WorkerPoolError` when they never will. */
  readonly handshake: Promise<void>;
}

/** Handshakes in a row that break off before a wrong server key is concluded: such an interchange just hangs up. */
const BROKEN_HANDSHAKES = 2;

/**
 * Connects to an interchange.
 *
 * @param identity By which the interchange knows this end.
 * @param keys `undefined` to talk in the clear.
 */
export async function connect(
  address: string,
  identity: string,
  keys: PoolKeys | undefined,
): Promise<Connection> {
  const { Dealer } = await import('zeromq');
  const socket = new Dealer({
    routingId: identity,
    linger: 0,
    sendHighWaterMark: 0,
    receiveHighWaterMark: 0,
    maxMessageSize: LIMITS.codeBytes + LIMITS.encryptionBytes,
    ipv6: true,
    ...(keys === undefined
      ? {}
      : {
          curveServerKey: keys.serverKey,
          curvePublicKey: keys.publicKey,
          curveSecretKey: keys.secretKey,
        }),
  });
  const handshake = agreement(socket, address, keys !== undefined);
  // Whoever needs it waits for it; if nobody does, the connection was given up.
  handshake.catch(() => undefined);
  try {
    socket.connect(address);
  } catch (error) {
    socket.close();
    throw new WorkerPoolError(
      'PARSL_POOL_ADDRESS',
      `'${address}' is not an address to connect to; give one like tcp://login1.example.org:54321 or tcp://[fd00::1]:54321`,
      PoolExit.usage,
      { cause: error },
    );
  }
  return { address, socket, handshake };
}

function agreement(socket: Dealer, address: string, hasKeys: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let broken = 0;
    const fail = (message: string) =>
      reject(
        new WorkerPoolError('PARSL_POOL_KEYS', `the interchange at ${address} ${message}`, PoolExit.keys),
      );
    socket.events.on('handshake', () => resolve());
    socket.events.on('handshake:error:auth', () =>
      fail("does not know this pool's key; use the key file of this run (its keys are new in every run)"),
    );
    socket.events.on('handshake:error:protocol', () =>
      fail(
        hasKeys
          ? 'does not encrypt (or is no interchange), and this pool was given keys; start the pool with --unencrypted'
          : 'encrypts (or is no interchange), and this pool has no keys; start the pool with --key-file',
      ),
    );
    socket.events.on('handshake:error:other', () => {
      if (++broken < BROKEN_HANDSHAKES) return;
      fail(
        hasKeys
          ? 'breaks off the handshake: its server key is not the one in the key file (use the key file of this run), or it does not encrypt (use --unencrypted)'
          : 'breaks off the handshake: it encrypts (use --key-file), or is no interchange',
      );
    });
  });
}
