import { LIMITS } from './protocol.js';
import { ProtocolError } from './wire-error.js';

/**
 * Frames on a byte stream (a socket pair between parent and child): length of type and body (u32, little-endian), type
 * (u8), body.
 */
export const FRAME_HEAD_BYTES = 5;

const MAX_FRAME_BYTES = LIMITS.payloadBytes + LIMITS.controlBytes;

/**
 * Head and body of one frame, ready to be written in this order. `parts` are not copied.
 *
 * @throws ProtocolError when the body is larger than any reader takes (1 GiB and 1 MiB): send its parts in several frames.
 */
export function streamFrame(type: number, parts: readonly Buffer[]): Buffer[] {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  let length = 1;
  for (const part of parts) length += part.length;
  if (length > MAX_FRAME_BYTES) throw new ProtocolError(`a frame of ${length} bytes is too large to be sent`);
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
  private needed = FRAME_HEAD_BYTES;

  constructor(onFrame: (type: number, body: Buffer) => void) {
    this.onFrame = onFrame;
  }

  /**
   * Takes the next bytes and reports every frame that is complete. What `onFrame` throws passes through; the frames after
   * that one are reported with the next bytes.
   *
   * @throws ProtocolError when a length is impossible; the stream cannot be used any more, and every further call throws.
   */
  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.available += chunk.length;
    if (this.available < this.needed) return;
    const bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.available);
    let start = 0;
    try {
      for (;;) {
        const end = start + this.frameBytes(bytes, start);
        if (end > bytes.length) break;
        const frame = bytes.subarray(start + FRAME_HEAD_BYTES, end);
        const type = bytes[start + 4] ?? 0;
        start = end;
        this.onFrame(type, frame);
      }
    } finally {
      this.chunks = start === bytes.length ? [] : [bytes.subarray(start)];
      this.available = bytes.length - start;
    }
  }

  /** Length of the frame that starts there, as far as is known yet. */
  private frameBytes(bytes: Buffer, start: number): number {
    this.needed = FRAME_HEAD_BYTES;
    if (bytes.length - start < FRAME_HEAD_BYTES) return FRAME_HEAD_BYTES;
    this.needed = frameLength(bytes, start);
    return this.needed;
  }
}

/**
 * Length of the frame whose head begins there, the head included.
 *
 * @throws ProtocolError when it is impossible
 */
export function frameLength(bytes: Buffer, start: number): number {
  const length = bytes.readUInt32LE(start);
  if (length < 1 || length > MAX_FRAME_BYTES) {
    throw new ProtocolError(`a frame of ${length} bytes was announced`);
  }
  return 4 + length;
}
