import { ProtocolError } from './wire-error.js';

/** What a worker pool needs to be let in by an interchange that encrypts: CURVE keys, each as 40 characters of Z85. */
export interface PoolKeys {
  /** Public key of the interchange: with it the pool knows whom it talks to. */
  readonly serverKey: string;
  /** The pool's own pair; the interchange lets in only public keys that it knows. */
  readonly publicKey: string;
  readonly secretKey: string;
}

/** The text of a key file: one JSON object. */
export function formatPoolKeys(keys: PoolKeys): string {
  const { serverKey, publicKey, secretKey } = keys;
  return `${JSON.stringify({ serverKey, publicKey, secretKey }, undefined, 2)}\n`;
}

/**
 * Reads what {@link formatPoolKeys} wrote.
 *
 * @throws ProtocolError when it is not a key file. The message holds nothing of the text.
 */
export function parsePoolKeys(text: string): PoolKeys {
  return readKeys(text, 'a key file');
}

/** The keys as one word of letters, digits, `_` and `-`, which no shell and no tool has to quote. */
export function formatPoolSecret(keys: PoolKeys): string {
  const { serverKey, publicKey, secretKey } = keys;
  return Buffer.from(JSON.stringify({ serverKey, publicKey, secretKey })).toString('base64url');
}

/**
 * Reads what {@link formatPoolSecret} made.
 *
 * @throws ProtocolError when it is nothing of the kind. The message holds nothing of the text.
 */
export function parsePoolSecret(text: string): PoolKeys {
  return readKeys(Buffer.from(text, 'base64url').toString(), 'the secret of a block');
}

function readKeys(text: string, what: string): PoolKeys {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProtocolError(`not ${what}: it is not JSON`);
  }
  return {
    serverKey: keyOf(value, 'serverKey', what),
    publicKey: keyOf(value, 'publicKey', what),
    secretKey: keyOf(value, 'secretKey', what),
  };
}

function keyOf(value: unknown, field: keyof PoolKeys, what: string): string {
  const key: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
  if (typeof key !== 'string' || !/^[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/.test(key)) {
    throw new ProtocolError(`not ${what}: '${field}' is not a key`);
  }
  return key;
}
