import { MAGIC, PREAMBLE_BYTES, PROTOCOL_VERSION, type MessageType } from './protocol.js';
import { packControl, unpackControl } from './value-codec.js';
import { ProtocolError } from './wire-error.js';

/** The preamble of a message of this type. */
export function preamble(type: MessageType): Buffer {
  const bytes = Buffer.allocUnsafe(PREAMBLE_BYTES);
  bytes.writeUInt16LE(MAGIC, 0);
  bytes[2] = PROTOCOL_VERSION;
  bytes[3] = type;
  return bytes;
}

/** What the first frame of a message says about it. */
export interface Preamble {
  readonly version: number;
  readonly type: number;
}

/**
 * Reads the preamble of a message of any version.
 *
 * @throws ProtocolError when the frame is not the first one of a message of this system.
 */
export function readPreamble(frame: Buffer): Preamble {
  if (frame.length < PREAMBLE_BYTES || frame.readUInt16LE(0) !== MAGIC) {
    throw new ProtocolError('not a message of this system');
  }
  return { version: frame[2] ?? 0, type: frame[3] ?? 0 };
}

/** A message whose first frame holds nothing, or one control value. */
export function controlMessage(type: MessageType, body?: object): Buffer {
  return body === undefined ? preamble(type) : Buffer.concat([preamble(type), packControl(body)]);
}

/**
 * Reads the control value after the preamble.
 *
 * @param check Tells whether the value is what it should be.
 * @throws ProtocolError when it is too large, cannot be read or fails the check.
 */
export function readControl<T>(frame: Buffer, check: (value: unknown) => value is T): T {
  return readBody(frame.subarray(PREAMBLE_BYTES), check);
}

/** The same for the body of a stream frame, which has no preamble. */
export function readBody<T>(body: Buffer, check: (value: unknown) => value is T): T {
  const value = unpackControl(body);
  if (!check(value)) throw new ProtocolError('a control message is not of its form');
  return value;
}
