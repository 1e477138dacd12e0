import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

import type { PoolKeys } from '@parsl-ts/wire';
import { Context, curveKeyPair, Dealer } from 'zeromq';

/** An interchange that somebody wants to get into. */
export interface Target {
  /** `tcp://host:port` */
  readonly endpoint: string;
  /** The keys of its run: an intruder may have got hold of a part of them. */
  readonly keys: PoolKeys;
}

/** Tries once to get in, and gives up when it is told to. */
export type Attempt = (target: Target) => { close(): void };

/** Not the context of the tests' own pools: closing thousands of sockets is not to be felt there. */
const context = new Context();

/** Made once: that takes longer than all the rest of an attempt. */
const stranger = curveKeyPair();
const otherServer = curveKeyPair();
const noise = randomBytes(500);

function zeroMq(options: (keys: PoolKeys) => object): Attempt {
  return ({ endpoint, keys }) => {
    const socket = new Dealer({ context, linger: 0, reconnectInterval: 60_000, ...options(keys) });
    socket.connect(endpoint);
    return socket;
  };
}

function tcp(bytes?: Buffer): Attempt {
  return ({ endpoint }) => {
    const { hostname, port } = new URL(endpoint);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    socket.resume();
    if (bytes !== undefined) socket.write(bytes);
    return { close: () => socket.destroy() };
  };
}

/** Those who are not to be let in, by what they come with. */
export const INTRUDERS = {
  'no keys': zeroMq(() => ({})),
  'another server key': zeroMq(({ publicKey, secretKey }) => ({
    curveServerKey: otherServer.publicKey,
    curvePublicKey: publicKey,
    curveSecretKey: secretKey,
  })),
  'an unknown key of its own': zeroMq(({ serverKey }) => ({
    curveServerKey: serverKey,
    curvePublicKey: stranger.publicKey,
    curveSecretKey: stranger.secretKey,
  })),
  'a password': zeroMq(() => ({ plainUsername: 'pool', plainPassword: 'secret' })),
  'an HTTP request': tcp(Buffer.from('GET / HTTP/1.1\r\nHost: interchange\r\n\r\n')),
  'random bytes': tcp(noise),
  'nothing to say': tcp(),
  'half a greeting': tcp(Buffer.from([0xff, 0, 0, 0, 0])),
} as const satisfies Record<string, Attempt>;

export type IntruderKind = keyof typeof INTRUDERS;
