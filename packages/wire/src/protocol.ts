/**
 * Version of everything in this package that travels. Peers of different versions refuse each other at registration; the
 * layout of the preamble and of {@link MessageType.refused} never changes, so that the refusal itself can be read.
 */
export const PROTOCOL_VERSION = 1;

/** First two bytes of every ZeroMQ message of this system, `PT`. */
export const MAGIC = 0x5450;

/** Bytes before the body of a ZeroMQ message: magic (u16), version (u8), type (u8). */
export const PREAMBLE_BYTES = 4;

/**
 * What a ZeroMQ message is about: the fourth byte of its first frame.
 *
 * `tasks`, `returned` and `results` hold packed records after the preamble; every detached payload follows in one further
 * frame, or, from `LIMITS.frameBytes` on, in several: full ones and one that is not. `code` has the source as its second
 * frame; the others hold one MessagePack value or nothing.
 */
export const MessageType = {
  /** interchange → manager: task records. */
  tasks: 1,
  /** interchange → manager: a function, before the first task that uses it. */
  code: 2,
  /** interchange → manager: stop or drop these submissions. */
  cancel: 3,
  /** manager → interchange: result records. */
  results: 4,
  /** interchange → manager: so many of its results are with the submit process: see `Delivered`. */
  delivered: 5,
  /**
   * manager → interchange: who it is and how much it can hold. When it registers anew, further frames say what it has: see
   * `Holdings`.
   */
  register: 10,
  /** interchange → manager: welcome. */
  registered: 11,
  /** interchange → manager: not welcome, as UTF-8 text in the second frame. */
  refused: 12,
  /** Both ways: still here. */
  heartbeat: 13,
  /** manager → interchange: how many tasks it wants to hold from now on. */
  capacity: 14,
  /** manager → interchange: give no more tasks; it ends when it holds none. */
  drain: 15,
  /** interchange → manager: give back up to so many tasks that have not started. */
  recall: 16,
  /** manager → interchange: task records that have not started, to be run elsewhere. */
  returned: 17,
  /** interchange → manager: end now. */
  shutdown: 18,
  /**
   * interchange → manager: register anew, and say what you hold. Whatever was sent before comes before it. It may be asked
   * several times before an answer has come, so each has a number: see `Question`.
   */
  unknown: 19,
  /** manager → interchange: it is going, and holds nothing any more. */
  goodbye: 20,
  /** manager → interchange: its connection broke and is back; it asks to be told `unknown`. */
  reconnected: 21,
  /** Made by the interchange's own socket when a manager's connection has gone. */
  disconnected: 255,
} as const;

export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** Bounds that are checked before anything is decoded. */
export const LIMITS = {
  /** Largest payload of one task or one result, in bytes: 1 GiB. */
  payloadBytes: 2 ** 30,
  /**
   * Largest record, its payload included wherever that is, in bytes: what is around a payload takes little. So any record
   * fits into a frame of a byte stream, whatever message it came in.
   */
  recordBytes: 2 ** 30 + 2 ** 16,
  /**
   * Largest frame of a ZeroMQ message, in bytes: 2 MiB. It is read before anybody knows who sends it. What is longer
   * travels in several frames. Larger is the source of a function alone, which an interchange sends.
   */
  frameBytes: 2 ** 21,
  /** What encryption adds to a frame, in bytes, rounded up: CurveZMQ takes 33 (RFC 26, MESSAGE command). */
  encryptionBytes: 64,
  /** Options of one task, encoded, in bytes: more than two paths ever take. */
  optionsBytes: 2 ** 15,
  /** Largest control message, in bytes. */
  controlBytes: 2 ** 20,
  /** Largest code bundle, in bytes. */
  codeBytes: 64 * 2 ** 20,
  /** Records in one message. */
  recordsPerMessage: 2 ** 16,
  /** Tasks that a manager can say it holds when it registers anew. */
  holdings: 2 ** 22,
  /** Payloads from this size on travel as frames of their own, without being copied into the batch. In bytes. */
  detachBytes: 32 * 1024,
} as const;
