import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** How much a {@link NarrowLine} carries, in bytes per ms: from who connects to it to whom it leads, and back. */
export interface LineRates {
  readonly there: number;
  readonly back: number;
}

/** A line to a port of this host that carries no more than it is to, on each connection and each way, whatever the machine can do. */
export class NarrowLine implements AsyncDisposable {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(target: number, { there, back }: LineRates) {
    this.server = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          near.destroy();
          far.destroy();
          this.sockets.delete(socket);
        });
      }
      carry(near, far, there);
      carry(far, near, back);
    });
  }

  static async to(port: number, rates: LineRates): Promise<NarrowLine> {
    const line = new NarrowLine(port, rates);
    line.server.listen(0, '127.0.0.1');
    await once(line.server, 'listening');
    return line;
  }

  /** Where to connect to. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

/** Hands on what comes, and takes the next only after the time that the line needs for it. */
function carry(from: Socket, to: Socket, bytesPerMs: number): void {
  let freeAt = 0;
  from.on('data', (chunk: Buffer) => {
    from.pause();
    to.write(chunk);
    const now = performance.now();
    freeAt = Math.max(now, freeAt) + chunk.length / bytesPerMs;
    setTimeout(() => from.resume(), freeAt - now);
  });
}
