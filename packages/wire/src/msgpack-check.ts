/**
 * Checks MessagePack before it is decoded: that it is one complete value, no deeper and of no more values than allowed,
 * and made only of what this package writes. That leaves out the extensions by which msgpackr would compile decoders out
 * of what a peer sent (`r`) and build cycles or shared values (`i`, `p`), and errors, which travel as plain data here.
 */

/** Extension types that may occur, as msgpackr assigns them. */
const UNDEFINED = 0x00;
const BIG_INT = 0x42;
const SET = 0x73;
const BINARY = 0x74;
const REG_EXP = 0x78;
const TIMESTAMP = 0xff;

/** Tokens that the check has to tell apart. */
const FIXARRAY = 0x90;
const BIN8 = 0xc4;
const EXT8 = 0xc7;
const FIXEXT1 = 0xd4;
const STR8 = 0xd9;
const ARRAY16 = 0xdc;
const ARRAY32 = 0xdd;
const MAP16 = 0xde;
const MAP32 = 0xdf;

const INCOMPLETE = 'the value is incomplete';

/** How many bytes follow a token that is a whole value with them; -1 where the token alone does not say. */
const TAIL_BYTES = Int8Array.from({ length: 256 }, (_, token) => {
  if (token < 0x80 || token >= 0xe0) return 0; // small integers
  if (token >= 0xa0 && token < 0xc0) return token - 0xa0; // short strings
  switch (token) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return 0;
    case 0xcc: // u8
    case 0xd0: // i8
      return 1;
    case 0xcd: // u16
    case 0xd1: // i16
      return 2;
    case 0xca: // f32
    case 0xce: // u32
    case 0xd2: // i32
      return 4;
    case 0xcb: // f64
    case 0xcf: // u64
    case 0xd3: // i64
      return 8;
  }
  return -1;
});

/** What the check allows. */
export interface MessagePackBounds {
  /** Containers inside each other. */
  readonly depth: number;
  /** Values, keys included. */
  readonly values: number;
  /** Arrays and maps: an empty one is a byte here, and some 50 when it is decoded. */
  readonly containers: number;
}

/** Values still to come in the containers around the current one. One for all checks: none can begin within another. */
const outer: number[] = [];

/**
 * Checks that `bytes` from `start` to `end` are one MessagePack value that may be decoded.
 *
 * @throws Error that says what is wrong with them.
 */
export function checkMessagePack(
  bytes: Uint8Array,
  bounds: MessagePackBounds,
  start = 0,
  end = bytes.length,
): void {
  let at = start;
  let total = 1;
  let level = 0;
  let containers = 0;
  for (let missing = 1; missing > 0 || level > 0;) {
    if (missing === 0) {
      missing = outer[--level] ?? 0;
      continue;
    }
    if (at >= end) throw new Error(INCOMPLETE);
    const token = bytes[at++] ?? 0;
    missing--;
    const tail = TAIL_BYTES[token] ?? -1;
    if (tail >= 0) {
      at += tail;
    } else if (token >= BIN8 && token < ARRAY16) {
      at += dataBytes(token, bytes, at);
      // The value that a tag marks counts as the same one.
      if (token === FIXEXT1 && bytes[at - 2] !== UNDEFINED) missing++;
    } else {
      const values = valuesInside(token, bytes, at);
      at += token < ARRAY16 ? 0 : token === ARRAY16 || token === MAP16 ? 2 : 4;
      // Every value takes a byte at least, so that a few bytes cannot announce a giant.
      if (at + values > end) throw new Error(INCOMPLETE);
      total += values;
      if (total > bounds.values) throw new Error(`it has more than ${bounds.values} values`);
      if (++containers > bounds.containers) {
        throw new Error(`it has more than ${bounds.containers} arrays and objects`);
      }
      if (level >= bounds.depth) throw new Error(`it has more than ${bounds.depth} levels`);
      outer[level++] = missing;
      missing = values;
    }
  }
  if (at !== end) throw new Error(at > end ? INCOMPLETE : 'bytes follow the value');
}

/** Values that an array has, or keys and values of a map. */
function valuesInside(token: number, bytes: Uint8Array, at: number): number {
  if (token < FIXARRAY) return 2 * (token - 0x80);
  switch (token) {
    case ARRAY16:
      return unsigned(bytes, at, 2);
    case ARRAY32:
      return unsigned(bytes, at, 4);
    case MAP16:
      return 2 * unsigned(bytes, at, 2);
    case MAP32:
      return 2 * unsigned(bytes, at, 4);
  }
  if (token < 0xa0) return token - FIXARRAY;
  throw new Error(`there is no token ${token}`);
}

/** Bytes that follow the token of a long string, of binary data or of an extension, its length included. */
function dataBytes(token: number, bytes: Uint8Array, at: number): number {
  if (token === FIXEXT1) return tagBytes(bytes, at);
  if (token > FIXEXT1 && token < STR8) return 1 + extensionBytes(bytes, at, 1 << (token - FIXEXT1));
  const first = token >= STR8 ? STR8 : token >= EXT8 ? EXT8 : BIN8;
  const width = 1 << (token - first);
  const length = unsigned(bytes, at, width);
  return width + (first === EXT8 ? 1 + extensionBytes(bytes, at + width, length) : length);
}

function extensionBytes(bytes: Uint8Array, typeAt: number, length: number): number {
  const type = bytes[typeAt];
  if (type !== BIG_INT && type !== BINARY && type !== TIMESTAMP) {
    throw new Error(`extension ${String(type)} is not allowed`);
  }
  if (length === 0) throw new Error(`extension ${type} is empty`);
  return length;
}

/** An extension of one byte stands for `undefined` or marks the array that follows. */
function tagBytes(bytes: Uint8Array, at: number): number {
  const type = bytes[at];
  if (type === UNDEFINED) return 2;
  if (type !== SET && type !== REG_EXP) throw new Error(`extension ${String(type)} is not allowed`);
  const token = bytes[at + 2] ?? 0;
  if ((token & 0xf0) !== FIXARRAY && token !== ARRAY16 && token !== ARRAY32) {
    throw new Error(`extension ${type} marks no array`);
  }
  return 2;
}

/** Big-endian. Missing bytes count as 0; the caller finds out that they are missing. */
function unsigned(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = at; index < at + width; index++) value = value * 256 + (bytes[index] ?? 0);
  return value;
}
