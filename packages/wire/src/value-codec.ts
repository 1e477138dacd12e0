import { deserialize, serialize } from 'node:v8';

import { Packr } from 'msgpackr';

import { inspectValue, MAX_DEPTH } from './encodable.js';
import { checkMessagePack } from './msgpack-check.js';
import { LIMITS } from './protocol.js';
import { DeserializationError, ProtocolError, SerializationError } from './wire-error.js';

/** How a payload is encoded; one byte of its record. */
export const Codec = {
  /** MessagePack without records: nothing in it can be compiled to code. */
  msgpack: 1,
  /** V8's structured clone: maps, cycles, shared objects, `-0`, holes. */
  v8: 2,
} as const;

export type Codec = (typeof Codec)[keyof typeof Codec];

/** A value as it travels. */
export interface EncodedValue {
  readonly codec: Codec;
  readonly bytes: Buffer;
}

/**
 * `moreTypes` keeps typed arrays, sets and regular expressions (without it msgpackr corrupts them). `useRecords: false`
 * concerns what is written only: what is read is checked before, see `msgpack-check.ts`.
 */
const OPTIONS = {
  useRecords: false,
  moreTypes: true,
  // msgpackr would send `undefined` for a function that a getter shows only at the second look.
  writeFunction: (): never => {
    throw new TypeError('it holds a function');
  },
} as const;

const packr = new Packr(OPTIONS);
const copyingPackr = new Packr({ ...OPTIONS, copyBuffers: true });

/** No array of V8's has more; a payload of a few hundred megabytes could announce more of the smallest values. */
const MAX_VALUES = 2 ** 27;
/** Arrays and objects in one payload: some 800 MB of heap, if they are empty. */
const MAX_CONTAINERS = 2 ** 24;
/** The value at the greatest depth may be a regular expression, which is an array here. */
const VALUE_BOUNDS = { depth: MAX_DEPTH + 2, values: MAX_VALUES, containers: MAX_CONTAINERS };
const CONTROL_BOUNDS = {
  depth: 8,
  values: LIMITS.recordsPerMessage + 1024,
  containers: LIMITS.recordsPerMessage,
};

/**
 * Encodes an argument list or a result.
 *
 * @param root How an error message calls the value, such as `args`.
 * @param maxBytes Largest payload allowed, in bytes.
 * @throws SerializationError when the value cannot travel or is too large.
 */
export function encodeValue(
  value: unknown,
  root: string,
  maxBytes: number = LIMITS.payloadBytes,
): EncodedValue {
  const encoded = encode(value, root);
  if (encoded.bytes.length > maxBytes) {
    throw new SerializationError(
      root,
      `${root} cannot travel to another process: encoded, it takes ${encoded.bytes.length} bytes of ` +
        `${maxBytes} allowed; put it into a file and pass its path`,
    );
  }
  return encoded;
}

function encode(value: unknown, root: string): EncodedValue {
  const shape = inspectValue(value, root);
  try {
    return shape === 'tree'
      ? { codec: Codec.msgpack, bytes: packr.pack(value) }
      : { codec: Codec.v8, bytes: serialize(value) };
  } catch (error) {
    throw new SerializationError(root, `${root} cannot be encoded: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Reads what {@link encodeValue} wrote, from `start` to `end` in `bytes`: reading it where it lies in a batch takes half
 * the time of reading a view of it. Buffers and typed arrays in the value do not share memory with `bytes`, unless these
 * are the payload alone, are large and have all of their memory to themselves.
 *
 * @param start @default 0
 * @param end @default the length of `bytes`
 * @throws DeserializationError when the bytes are not a value.
 */
export function decodeValue(codec: number, bytes: Uint8Array, start = 0, end = bytes.length): unknown {
  const length = end - start;
  // A small payload is a part of a batch, nearly always, and asking for its memory takes longer than copying.
  const alone = length >= LIMITS.detachBytes && length === bytes.buffer.byteLength;
  try {
    if (codec === Codec.msgpack) {
      checkMessagePack(bytes, VALUE_BOUNDS, start, end);
      return (alone ? packr : copyingPackr).unpack(bytes, { start, end });
    }
    if (codec === Codec.v8) return deserialize(alone ? bytes : new Uint8Array(bytes.subarray(start, end)));
  } catch (error) {
    throw new DeserializationError(`the payload cannot be read: ${messageOf(error)}`, { cause: error });
  }
  throw new DeserializationError(`the payload has the unknown encoding ${codec}`);
}

/** Encodes a control message: a plain object of this package's own types. */
export function packControl(message: object): Buffer {
  return packr.pack(message);
}

/**
 * Reads a control message. The caller checks what it gets.
 *
 * @throws ProtocolError when it is too large or cannot be read.
 */
export function unpackControl(bytes: Uint8Array): unknown {
  if (bytes.length > LIMITS.controlBytes) throw new ProtocolError('a control message is too large');
  try {
    checkMessagePack(bytes, CONTROL_BOUNDS);
    return copyingPackr.unpack(bytes);
  } catch (error) {
    throw new ProtocolError(`a control message cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
