import type { Socket } from 'node:net';

import {
  FrameBuffer,
  packControl,
  readInto,
  StreamFrameReader,
  streamFrame,
  unpackControl,
  type PackedRecord,
  type ReadInto,
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

/** What a {@link FrameLink} reads from and writes to. */
export interface LinkSockets {
  /** A socket, or how one is made that reads into memory of the link's: without a copy of what is large. */
  readonly reading: Socket | ((onread: ReadInto) => Socket);
  readonly writing: Socket;
}

/** Frames with large payloads that are handed to the socket at once, in bytes: at least one, and so much of them. */
const AHEAD_BYTES = 4 * 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * Frames between the submit process and its interchange, over a socket for each direction: what the other process has sent
 * before its end can be read also when it cannot be written to any more. Large payloads wait in a line of their own, so
 * that whatever is small waits for a few of them at most.
 */
export class FrameLink {
  private readonly reading: Socket;
  private readonly writing: Socket;
  private ended = false;
  private readonly line: (readonly Buffer[] | (() => void))[] = [];

  constructor({ reading, writing }: LinkSockets, events: FrameLinkEvents) {
    this.reading = typeof reading === 'function' ? reading(reads(events)) : reading;
    this.writing = writing;
    const end = () => {
      if (this.ended) return;
      this.ended = true;
      writing.end();
      events.onEnd();
    };
    if (reading === this.reading) this.takeChunks(events);
    // A reset connection says the same as its end.
    for (const event of ['error', 'end', 'close']) this.reading.on(event, end);
    // Whoever cannot be written to has ended, or is about to.
    writing.on('error', () => undefined);
    // What went past the line may have been all that it waited for.
    writing.on('drain', this.onTaken);
    writing.unref();
  }

  private takeChunks(events: FrameLinkEvents): void {
    const reader = new StreamFrameReader((type, body) => events.onFrame(type, body));
    this.reading.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      events.onTurn?.();
    });
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

  /** Sends the length (u32) of the packed `head`, that, and `rest`. */
  sendWithHead(type: number, head: object, rest: Buffer): void {
    const packed = packControl(head);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(packed.length, 0);
    this.send(type, [length, packed, rest]);
  }

  /** Sends it after all records that were sent before, large ones included. */
  sendControlInLine(type: number, body: object): void {
    this.line.push(streamFrame(type, [packControl(body)]));
    this.advance();
  }

  /** Calls back when the other process has, or will get even if this one dies, everything that was sent before. */
  whenTaken(callback: () => void): void {
    if (this.ended) return;
    if (this.line.length === 0 && this.writing.writableLength === 0) callback();
    else {
      this.line.push(callback);
      this.advance();
    }
  }

  /** Whether the process is kept alive by this link. */
  keepAlive(wanted: boolean): void {
    if (wanted) this.reading.ref();
    else this.reading.unref();
  }

  /** Goes on with the line, as long as the socket has taken most of what it was given. */
  private advance(): void {
    while (this.writing.writableLength < AHEAD_BYTES) {
      const next = this.line.shift();
      if (next === undefined) return;
      if (typeof next === 'function') this.write([NOTHING], (error) => !error && next());
      else this.write(next, this.onTaken);
    }
  }

  private readonly onTaken = (): void => this.advance();

  private write(parts: readonly Buffer[], onTaken?: (error?: Error | null) => void): void {
    if (this.ended) return;
    if (parts.length === 1) {
      this.writing.write(parts[0] ?? '', onTaken);
      return;
    }
    this.writing.cork();
    for (const [index, part] of parts.entries()) {
      this.writing.write(part, index === parts.length - 1 ? onTaken : undefined);
    }
    this.writing.uncork();
  }

  /** Sends what the socket has been given, then closes this end. */
  end(): void {
    this.writing.end();
  }

  destroy(): void {
    this.reading.destroy();
    this.writing.destroy();
  }
}

function reads(events: FrameLinkEvents): ReadInto {
  return readInto(new FrameBuffer((type, body) => events.onFrame(type, body)), () => events.onTurn?.());
}

/** Reads a control body from the other process, which is of the same installation and so is trusted with its form. */
export function readTrusted<T>(body: Buffer): T {
  return unpackControl(body) as T;
}
