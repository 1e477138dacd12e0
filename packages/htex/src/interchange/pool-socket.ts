import { setImmediate } from 'node:timers/promises';

import { controlMessage, LIMITS, MessageType, PREAMBLE_BYTES } from '@parsl-ts/wire';
import { Router, type Context } from 'zeromq';

import { handshakeMs } from './handshake-time.js';
import { mostManagers } from './most-managers.js';

/** CURVE keys of the interchange itself. */
export interface ServerKeys {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** Domain under which clients are checked; with it enforced, nobody comes in unless the authenticator answers. */
const ZAP_DOMAIN = 'pools';

/** ZMQ_DISCONNECT_MSG of libzmq, which the binding has no name for. */
const DISCONNECT_MESSAGE_OPTION = 111;

/** The socket that pools connect to. It says itself when one of them goes. */
class PoolRouter extends Router {
  announceDisconnections(message: Buffer): void {
    this.setStringOption(DISCONNECT_MESSAGE_OPTION, message);
  }
}

/**
 * Connections that may wait to be let in. With ZeroMQ's default of 100, most pools of a large block, which start at the same
 * moment, would be overheard and try again after one second, after three and so on. The system may have a lower limit
 * (`net.core.somaxconn` of Linux).
 */
const CONNECTIONS_AT_ONCE = 65_535;

/** After how many messages in a row what follows from them is done. */
const MESSAGES_PER_TURN = 64;

/** Whether a message is the socket's own word that a connection has ended, and not a pool's. */
export function isDisconnection([head]: readonly Buffer[]): boolean {
  return head?.length === PREAMBLE_BYTES && head[PREAMBLE_BYTES - 1] === MessageType.disconnected;
}

/** What comes out of a {@link PoolSocket}. */
export interface PoolSocketEvents {
  onMessage(id: string, frames: readonly Buffer[]): void;
  /** All messages that were there, or many of them, have been reported. */
  onTurn(): void;
  /** A message could not be sent: nobody of this id is connected. */
  onUnreachable(id: string): void;
}

/** Messages to and from pools, over one ROUTER. */
export class PoolSocket {
  readonly router: Router;
  private readonly events: PoolSocketEvents;
  private outgoing: (readonly [string, readonly Buffer[]])[] = [];
  private isSending = false;
  private sending: Promise<void> = Promise.resolve();

  constructor(context: Context, keys: ServerKeys | undefined, events: PoolSocketEvents) {
    const router = new PoolRouter({
      context,
      sendHighWaterMark: 0,
      receiveHighWaterMark: 0,
      linger: 0,
      // With the default, sending to nobody waits for ever.
      sendTimeout: 0,
      mandatory: true,
      // A pool that comes back before its old connection has timed out is let in again.
      handover: true,
      handshakeInterval: handshakeMs(mostManagers()),
      backlog: CONNECTIONS_AT_ONCE,
      maxMessageSize: LIMITS.frameBytes + LIMITS.encryptionBytes,
      ...(keys === undefined
        ? {}
        : {
            curveServer: true,
            curvePublicKey: keys.publicKey,
            curveSecretKey: keys.secretKey,
            zapDomain: ZAP_DOMAIN,
            zapEnforceDomain: true,
          }),
    });
    router.announceDisconnections(controlMessage(MessageType.disconnected));
    this.router = router;
    this.events = events;
  }

  /** Reports messages until the socket is closed. */
  async receive(): Promise<void> {
    const { router } = this;
    for (let count = 1; ; count++) {
      const [identity, ...frames] = await router.receive();
      if (identity !== undefined) this.events.onMessage(identity.toString('latin1'), frames);
      const isMany = count >= MESSAGES_PER_TURN;
      if (router.readable && !isMany) continue;
      count = 0;
      this.events.onTurn();
      // Nothing else would get its turn as long as messages are there.
      if (isMany) await setImmediate();
    }
  }

  send(to: string, frames: readonly Buffer[]): void {
    this.outgoing.push([to, frames]);
    if (!this.isSending) this.sending = this.drain();
  }

  /** Resolves when everything has been handed to ZeroMQ. */
  async flushed(): Promise<void> {
    while (this.isSending) await this.sending;
  }

  /** @param lingerMs how long ZeroMQ may still take to send what it has, after this has returned */
  close(lingerMs: number): void {
    this.router.linger = lingerMs;
    this.router.close();
  }

  private async drain(): Promise<void> {
    this.isSending = true;
    while (this.outgoing.length > 0) {
      const batch = this.outgoing;
      this.outgoing = [];
      for (const [to, frames] of batch) await this.sendNow(to, frames);
    }
    // In the same turn as the look at `outgoing`, or a message could come in between and stay.
    this.isSending = false;
  }

  private async sendNow(to: string, frames: readonly Buffer[]): Promise<void> {
    try {
      await this.router.send([Buffer.from(to, 'latin1'), ...frames]);
    } catch {
      if (!this.router.closed) this.events.onUnreachable(to);
    }
  }
}
