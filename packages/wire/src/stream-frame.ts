import { LIMITS } from './protocol.js';
import { ProtocolError } from './wire-error.js';

/**
 * Frames on a byte stream (a socket pair between parent and child): length of type and body (u32, little-endian), type
 * (u8), body.
 */
const HEAD_BYTES = 5;

const MAX_FRAME_BYTES = LIMITS.payloadBytes + LIMITS.controlBytes;

/** Head and body of one frame, ready to be written in this order. `parts` are not copied. */
export function streamFrame(type: number, parts: readonly Buffer[]): Buffer[] {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  let length = 1;
  for (const part of parts) length += part.length;
  head.writeUInt32LE(length, 0);
  head[4] = type;
  return [head, ...parts];
}

/**
 * Cuts a byte stream into frames, however it arrives. Copies a frame only when it came in more than one chunk, and then
 * once.
 */
export class StreamFrameReader {
  private readonly onFrame: (type: number, body: Buffer) => void;
  private chunks: Buffer[] = [];
  private available = 0;
  private needed = HEAD_BYTES;

  constructor(onFrame: (type: number, body: Buffer) => void) {
    this.onFrame = onFrame;
  }

  /**
   * Takes the next bytes and reports every frame that is complete.
   *
   * @throws ProtocolError when a length is impossible; the stream cannot be used any more.
   */
  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.available += chunk.length;
    if (this.available < this.needed) return;
    const bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.available);
    let start = 0;
    this.needed = HEAD_BYTES;
    while (bytes.length - start >= HEAD_BYTES) {
      const length = bytes.readUInt32LE(start);
      if (length < 1 || length > MAX_FRAME_BYTES) {
        throw new ProtocolError(`a frame of ${String(length)} bytes was announced`);
      }
      const end = start + 4 + length;
      if (end > bytes.length) {
        this.needed = end - start;
        break;
      }
      this.onFrame(bytes[start + 4] ?? 0, bytes.subarray(start + HEAD_BYTES, end));
      start = end;
    }
    this.chunks = start === bytes.length ? [] : [bytes.subarray(start)];
    this.available = bytes.length - start;
  }
}
