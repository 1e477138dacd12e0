import { writeSync } from 'node:fs';
import { Socket } from 'node:net';

import { FrameBuffer, readInto, streamFrame } from '@parsl-ts/wire';

import { WORKER_FD } from '../worker-descriptors.js';

/** Smaller bodies are copied behind their heads, to be written at once. */
const COPY_BYTES = 4096;

/**
 * The worker's end of its connection to the manager. A write waits until the kernel has all of it: what was said is not
 * lost with this process, and the manager reads it while user code runs.
 */
export class ManagerLink {
  /** @param onFrame Gets what the manager says. */
  listen(onFrame: (type: number, body: Buffer) => void): void {
    const onread = readInto(new FrameBuffer(onFrame));
    const options = { fd: WORKER_FD.orders, readable: true, writable: false, onread };
    const orders = new Socket(options);
    orders.on('close', endNow);
    orders.on('error', endNow);
  }

  send(type: number, body: Buffer): void {
    const parts = streamFrame(type, [body]);
    if (body.length <= COPY_BYTES) writeAll(Buffer.concat(parts));
    else for (const part of parts) writeAll(part);
  }
}

function writeAll(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(WORKER_FD.answers, bytes, at, bytes.length - at);
    } catch (error) {
      if (!(error instanceof Error && Reflect.get(error, 'code') === 'EAGAIN')) endNow();
      // Somebody has made the descriptor non-blocking; a short sleep has to do then.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** Without its manager nobody is there to work for, and nothing that user code has set up for an exit may delay it. */
function endNow(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}
