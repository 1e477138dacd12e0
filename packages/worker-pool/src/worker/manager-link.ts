import { writeSync } from 'node:fs';
import { Socket } from 'node:net';

import { streamFrame, StreamFrameReader } from '@parsl-ts/wire';

const FD = 3;
const HEAD_BYTES = 5;

/**
 * The worker's end of its connection to the manager. Writes go to the kernel before the call returns wherever it takes
 * them, so that they are not lost with this process and the manager reads them while user code runs.
 */
export class ManagerLink {
  private readonly socket: Socket;

  /** @param onFrame Gets what the manager says. A throw ends the process. */
  constructor(onFrame: (type: number, body: Buffer) => void) {
    this.socket = new Socket({ fd: FD, readable: true, writable: true });
    const reader = new StreamFrameReader(onFrame);
    this.socket.on('data', (chunk: Buffer) => reader.push(chunk));
    this.socket.on('close', endNow);
    this.socket.on('error', endNow);
  }

  /**
   * Writes one frame.
   *
   * @returns `undefined` when the kernel has all of it, else a promise of that.
   */
  send(type: number, body: Buffer): Promise<void> | undefined {
    const frame =
      body.length < 4096 ? Buffer.concat(streamFrame(type, [body]), body.length + HEAD_BYTES) : undefined;
    if (frame !== undefined) return this.write(frame);
    const [head = body] = streamFrame(type, []);
    head.writeUInt32LE(body.length + 1, 0);
    return this.write(head, body);
  }

  private write(...parts: readonly Buffer[]): Promise<void> | undefined {
    let pending: Promise<void> | undefined;
    for (const part of parts) {
      const written = pending === undefined ? tryWrite(part) : 0;
      if (written < part.length) pending = this.writeLater(part.subarray(written));
    }
    return pending;
  }

  private writeLater(rest: Buffer): Promise<void> {
    return new Promise((resolve) => {
      // An error closes the socket, which ends the process.
      this.socket.write(rest, () => resolve());
    });
  }
}

/** Bytes that the kernel took at once. */
function tryWrite(bytes: Buffer): number {
  try {
    return writeSync(FD, bytes, 0, bytes.length);
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'EAGAIN') return 0;
    return endNow();
  }
}

/** Without its manager nobody is there to work for, and nothing that user code has set up for an exit may delay it. */
function endNow(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}
