import type { Socket } from 'node:net';

import {
  packControl,
  StreamFrameReader,
  streamFrame,
  unpackControl,
  type PackedRecord,
} from '@parsl-ts/wire';

import { recordFrames } from './link-records.js';

/** What a {@link FrameLink} tells its owner. */
export interface FrameLinkEvents {
  /** A frame came. */
  onFrame(type: number, body: Buffer): void;
  /** All frames that had come together have been reported. */
  onTurn?(): void;
  /** The other end is gone. Called once. */
  onEnd(): void;
}

/** Frames over a socket pair between the submit process and its interchange. */
export class FrameLink {
  private readonly socket: Socket;
  private ended = false;

  constructor(socket: Socket, events: FrameLinkEvents) {
    this.socket = socket;
    const reader = new StreamFrameReader((type, body) => events.onFrame(type, body));
    const end = () => {
      if (this.ended) return;
      this.ended = true;
      events.onEnd();
    };
    socket.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      events.onTurn?.();
    });
    // A reset connection says the same as its end.
    socket.on('error', end);
    socket.on('end', end);
    socket.on('close', end);
  }

  /** Sends one frame. `parts` must not be changed afterwards. */
  send(type: number, parts: readonly Buffer[]): void {
    this.write(streamFrame(type, parts));
  }

  sendRecords(type: number, records: readonly PackedRecord[]): void {
    for (const parts of recordFrames(type, records)) this.write(parts);
  }

  sendControl(type: number, body: object): void {
    this.send(type, [packControl(body)]);
  }

  /** Whether the process is kept alive by this link. */
  keepAlive(wanted: boolean): void {
    if (wanted) this.socket.ref();
    else this.socket.unref();
  }

  private write(parts: readonly Buffer[]): void {
    if (this.ended) return;
    if (parts.length === 1) {
      this.socket.write(parts[0] ?? '');
      return;
    }
    this.socket.cork();
    for (const part of parts) this.socket.write(part);
    this.socket.uncork();
  }

  /** Sends what is left, then closes this end. */
  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Reads a control body from the other process, which is of the same installation and so is trusted with its form. */
export function readTrusted<T>(body: Buffer): T {
  return unpackControl(body) as T;
}
