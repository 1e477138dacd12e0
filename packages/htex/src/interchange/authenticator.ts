import { Reply, type Context } from 'zeromq';

import { z85 } from './z85.js';

/** Where libzmq asks who may come in (ZeroMQ's RFC 27). */
const ZAP_ENDPOINT = 'inproc://zeromq.zap.01';

/** Who asked to come in, by their address. */
export interface DoorEvents {
  onWelcomed(address: string): void;
  onUnknownKey(address: string): void;
}

/** Lets clients in by their CURVE keys. One per context: libzmq has one such endpoint in each. */
export class Authenticator {
  private readonly socket: Reply;
  private readonly allowed: ReadonlySet<string>;

  /** @param allowed public keys, in Z85 */
  constructor(context: Context, allowed: readonly string[]) {
    this.socket = new Reply({ context, linger: 0 });
    this.allowed = new Set(allowed);
  }

  /** Answers from now on, until {@link close}. Must be listening before a socket of the context is bound. */
  async listen(events: DoorEvents): Promise<void> {
    await this.socket.bind(ZAP_ENDPOINT);
    void this.answer(events).catch(() => undefined);
  }

  close(): void {
    this.socket.close();
  }

  private async answer(events: DoorEvents): Promise<void> {
    for await (const [version, request, , address, , mechanism, key] of this.socket) {
      const welcome = mechanism?.toString() === 'CURVE' && key?.length === 32 && this.allowed.has(z85(key));
      const from = address?.toString() ?? '';
      if (welcome) events.onWelcomed(from);
      else events.onUnknownKey(from);
      const verdict = welcome ? ['200', 'OK', 'pool'] : ['400', 'unknown key', ''];
      await this.socket.send([version ?? '1.0', request ?? '', ...verdict, '']);
    }
  }
}
