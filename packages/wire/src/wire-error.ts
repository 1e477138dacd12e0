import { ParslError } from './parsl-error.js';

/** Bytes from a peer that are not a message of this protocol. The message is dropped; the connection may go on. */
export class ProtocolError extends ParslError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('PARSL_PROTOCOL', message, options);
  }
}

/** An argument or a result that cannot travel. Thrown before anything is sent; only the one task fails. */
export class SerializationError extends ParslError {
  /** Where the value stands, such as `args[0].rows[3].parse`. */
  readonly path: string;

  constructor(path: string, message: string, options: { readonly cause?: unknown } = {}) {
    super('PARSL_SERIALIZATION', message, options);
    this.path = path;
  }
}

/** A payload that arrived and cannot be read. Only the one task fails. */
export class DeserializationError extends ParslError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('PARSL_DESERIALIZATION', message, options);
  }
}
