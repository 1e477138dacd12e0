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

/** Frames with large payloads that are handed to the socket at once, in bytes: at least one, and so much of them. */
const AHEAD_BYTES = 4 * 1024 * 1024;

/**
 * Frames over a socket pair between the submit process and its interchange. Large payloads wait in a line of their own, so
 * that whatever is small waits for a few of them at most.
 */
export class FrameLink {
  private readonly socket: Socket;
  private ended = false;
  private readonly line: (readonly Buffer[])[] = [];

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

  /** Sends records. Small ones overtake those with large payloads. */
  sendRecords(type: number, records: readonly PackedRecord[]): void {
    const large = records.filter((record) => record.detached !== undefined);
    const small = large.length === 0 ? records : records.filter((record) => record.detached === undefined);
    for (const parts of recordFrames(type, small)) this.write(parts);
    if (large.length === 0) return;
    this.line.push(...recordFrames(type, large));
    this.advance();
  }

  sendControl(type: number, body: object): void {
    this.send(type, [packControl(body)]);
  }

  /** Sends it after all records that were sent before, large ones included. */
  sendControlInLine(type: number, body: object): void {
    this.line.push(streamFrame(type, [packControl(body)]));
    this.advance();
  }

  /** Whether the process is kept alive by this link. */
  keepAlive(wanted: boolean): void {
    if (wanted) this.socket.ref();
    else this.socket.unref();
  }

  /** Goes on with the line, as long as the socket has taken most of what it was given. */
  private advance(): void {
    while (this.socket.writableLength < AHEAD_BYTES) {
      const parts = this.line.shift();
      if (parts === undefined) return;
      this.write(parts, this.onTaken);
    }
  }

  private readonly onTaken = (): void => this.advance();

  private write(parts: readonly Buffer[], onTaken?: () => void): void {
    if (this.ended) return;
    if (parts.length === 1) {
      this.socket.write(parts[0] ?? '', onTaken);
      return;
    }
    this.socket.cork();
    for (const [index, part] of parts.entries()) {
      this.socket.write(part, index === parts.length - 1 ? onTaken : undefined);
    }
    this.socket.uncork();
  }

  /** Sends what the socket has been given, then closes this end. */
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
