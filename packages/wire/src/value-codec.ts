import { deserialize, serialize } from 'node:v8';

import { Packr } from 'msgpackr';

import { inspectValue } from './encodable.js';
import { DeserializationError, SerializationError } from './wire-error.js';

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
 * `moreTypes` keeps typed arrays, sets and regular expressions (without it msgpackr corrupts them); `useRecords: false`
 * keeps it from compiling decoders out of what a peer sent.
 */
const packr = new Packr({ useRecords: false, moreTypes: true });

/**
 * Encodes an argument list or a result.
 *
 * @param root How an error message calls the value, such as `args`.
 * @throws SerializationError when the value cannot travel.
 */
export function encodeValue(value: unknown, root: string): EncodedValue {
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
 * Reads what {@link encodeValue} wrote.
 *
 * @throws DeserializationError when the bytes are not a value.
 */
export function decodeValue(codec: number, bytes: Uint8Array): unknown {
  try {
    if (codec === Codec.msgpack) return packr.unpack(bytes);
    if (codec === Codec.v8) return deserialize(bytes);
  } catch (error) {
    throw new DeserializationError(`the payload cannot be read: ${messageOf(error)}`, { cause: error });
  }
  throw new DeserializationError(`the payload has the unknown encoding ${String(codec)}`);
}

/** Encodes a control message: a plain object of this package's own types. */
export function packControl(message: object): Buffer {
  return packr.pack(message);
}

/** Reads a control message. The caller checks what it gets. */
export function unpackControl(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
