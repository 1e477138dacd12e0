import { LIMITS } from './protocol.js';
import { ProtocolError } from './wire-error.js';

/**
 * What is longer than a frame may be travels in several: full ones, and one that is not, which may be empty. Nothing is
 * copied.
 */
export function toFrames(bytes: Buffer): Buffer[] {
  if (bytes.length < LIMITS.frameBytes) return [bytes];
  const frames: Buffer[] = [];
  for (let start = 0; start <= bytes.length; start += LIMITS.frameBytes) {
    frames.push(bytes.subarray(start, start + LIMITS.frameBytes));
  }
  return frames;
}

/**
 * Puts together what came in several frames.
 *
 * @param maxBytes largest that any may be
 * @throws ProtocolError when a frame or a whole is too large, or the last one is not complete
 */
export function fromFrames(frames: readonly Buffer[], maxBytes: number): readonly Buffer[] {
  if (frames.every(({ length }) => length < LIMITS.frameBytes && length <= maxBytes)) return frames;
  const wholes: Buffer[] = [];
  let parts: Buffer[] = [];
  let bytes = 0;
  for (const frame of frames) {
    if (frame.length > LIMITS.frameBytes) throw new ProtocolError('a frame is too large');
    parts.push(frame);
    bytes += frame.length;
    if (bytes > maxBytes) throw new ProtocolError('what came in several frames is too large');
    if (frame.length === LIMITS.frameBytes) continue;
    wholes.push(parts.length === 1 ? frame : Buffer.concat(parts));
    parts = [];
    bytes = 0;
  }
  if (parts.length > 0) throw new ProtocolError('the last frame of several is missing');
  return wholes;
}
