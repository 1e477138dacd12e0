import { LIMITS, MessageType, preamble, type PoolKeys } from '@parsl-ts/wire';
import { Dealer, type Context } from 'zeromq';

import type { SimulatedManager } from './simulated-manager.js';

/** Where and how the interchange is reached. */
export interface InterchangeAccess {
  /** `host:port`. */
  readonly address: string;
  readonly keys: PoolKeys | undefined;
  /** Address of this end. */
  readonly sourceAddress: string;
}

/** What a {@link ManagerConnection} tells its owner. */
export interface ManagerConnectionEvents {
  onRegistered(): void;
  onFailed(error: unknown): void;
}

/**
 * After how long a manager that was not answered registers again, in ms: an interchange of which thousands want something at
 * once may give a connection up just when the message has left. (A worker pool is told of that, which costs descriptors.)
 */
const AGAIN_MS = 15_000;
/** How long the last message may take to leave, in ms. */
const LINGER_MS = 200;

/** A simulated manager's connection to the interchange: one DEALER, as a worker pool has it, and a timer. */
export class ManagerConnection {
  private readonly socket: Dealer;
  private readonly manager: SimulatedManager;
  private readonly events: ManagerConnectionEvents;
  private outgoing: Buffer[][] = [];
  private sending = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly again: NodeJS.Timeout;
  private registered = false;

  constructor(
    context: Context,
    id: string,
    access: InterchangeAccess,
    manager: SimulatedManager,
    events: ManagerConnectionEvents,
  ) {
    this.manager = manager;
    this.events = events;
    const { keys, address, sourceAddress } = access;
    this.socket = new Dealer({
      context,
      routingId: id,
      linger: 0,
      sendHighWaterMark: 0,
      receiveHighWaterMark: 0,
      maxMessageSize: LIMITS.codeBytes + LIMITS.encryptionBytes,
      ...(keys === undefined
        ? {}
        : {
            curveServerKey: keys.serverKey,
            curvePublicKey: keys.publicKey,
            curveSecretKey: keys.secretKey,
          }),
    });
    this.socket.connect(`tcp://${sourceAddress}:0;${address}`);
    this.run(this.receive());
    this.send([manager.registration()]);
    this.again = setInterval(() => this.send([manager.registration()]), AGAIN_MS);
  }

  beat(): void {
    if (this.registered) this.send([[preamble(MessageType.heartbeat)]]);
  }

  private async receive(): Promise<void> {
    while (!this.socket.closed) {
      const frames = await this.socket.receive();
      this.send(this.manager.take(frames, performance.now()));
      if (this.manager.isRegistered && !this.registered) {
        this.registered = true;
        clearInterval(this.again);
        this.events.onRegistered();
      }
      if (this.manager.isShutDown) return this.close();
      this.plan();
    }
  }

  private plan(): void {
    const at = this.manager.wakeAt;
    if (at === undefined || this.timer !== undefined) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.send(this.manager.due(performance.now()));
        this.plan();
      },
      Math.max(1, at - performance.now()),
    );
  }

  private send(messages: readonly Buffer[][]): void {
    for (const message of messages) this.outgoing.push(message);
    if (!this.sending) this.run(this.drain());
  }

  private async drain(): Promise<void> {
    this.sending = true;
    while (this.outgoing.length > 0) {
      const messages = this.outgoing;
      this.outgoing = [];
      for (const message of messages) await this.socket.send(message);
    }
    this.sending = false;
  }

  private close(): void {
    clearTimeout(this.timer);
    clearInterval(this.again);
    this.socket.linger = LINGER_MS;
    this.socket.close();
  }

  private run(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.socket.closed) this.events.onFailed(error);
    });
  }
}
