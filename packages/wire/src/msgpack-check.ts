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

/** What the check allows. */
export interface MessagePackBounds {
  /** Containers inside each other. */
  readonly depth: number;
  /** Values, keys included. */
  readonly values: number;
}

const NOTHING = new Uint8Array(0);

class Scanner {
  private bytes: Uint8Array = NOTHING;
  private bounds: MessagePackBounds = { depth: 0, values: 0 };
  private at = 0;
  private values = 1;
  /** Values that the containers around the current one still lack. */
  private readonly outer: number[] = [];
  /** Values that the current container still lacks. */
  private missing = 1;

  run(bytes: Uint8Array, bounds: MessagePackBounds): void {
    this.bytes = bytes;
    this.bounds = bounds;
    this.at = 0;
    this.values = 1;
    this.outer.length = 0;
    this.missing = 1;
    try {
      this.scan();
    } finally {
      this.bytes = NOTHING;
    }
  }

  private scan(): void {
    for (;;) {
      while (this.missing === 0) {
        const missing = this.outer.pop();
        if (missing === undefined) return this.end();
        this.missing = missing;
      }
      this.missing--;
      this.value();
    }
  }

  private end(): void {
    if (this.at !== this.bytes.length) throw new Error('bytes follow the value');
  }

  private value(): void {
    const token = this.bytes[this.at++];
    if (token === undefined) throw new Error('the value is incomplete');
    if (token < 0x80 || token >= 0xe0) return;
    if (token < 0x90) return this.enter(2 * (token - 0x80));
    if (token < 0xa0) return this.enter(token - 0x90);
    if (token < 0xc0) return this.skip(token - 0xa0);
    this.long(token);
  }

  private long(token: number): void {
    switch (token) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return;
      case 0xcc: // u8
      case 0xd0: // i8
        return this.skip(1);
      case 0xcd: // u16
      case 0xd1: // i16
        return this.skip(2);
      case 0xca: // f32
      case 0xce: // u32
      case 0xd2: // i32
        return this.skip(4);
      case 0xcb: // f64
      case 0xcf: // u64
      case 0xd3: // i64
        return this.skip(8);
      case 0xc4: // bin
      case 0xd9: // str
        return this.skip(this.number(1));
      case 0xc5:
      case 0xda:
        return this.skip(this.number(2));
      case 0xc6:
      case 0xdb:
        return this.skip(this.number(4));
      case 0xdc: // array
        return this.enter(this.number(2));
      case 0xdd:
        return this.enter(this.number(4));
      case 0xde: // map
        return this.enter(2 * this.number(2));
      case 0xdf:
        return this.enter(2 * this.number(4));
      case 0xd4:
        return this.tag();
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.extension(1 << (token - 0xd4));
      case 0xc7:
        return this.extension(this.number(1));
      case 0xc8:
        return this.extension(this.number(2));
      case 0xc9:
        return this.extension(this.number(4));
    }
    throw new Error(`there is no token ${token}`);
  }

  /** One byte of extension data: where msgpackr marks the value that follows. */
  private tag(): void {
    const type = this.number(1);
    this.skip(1);
    if (type === UNDEFINED) return;
    if (type !== SET && type !== REG_EXP) throw new Error(`extension ${type} is not allowed`);
    const token = this.bytes[this.at] ?? 0;
    if ((token & 0xf0) !== 0x90 && token !== 0xdc && token !== 0xdd) {
      throw new Error(`extension ${type} does not hold an array`);
    }
    this.enter(1);
  }

  private extension(length: number): void {
    const type = this.number(1);
    if (type !== BIG_INT && type !== BINARY && type !== TIMESTAMP) {
      throw new Error(`extension ${type} is not allowed`);
    }
    if (length === 0) throw new Error(`extension ${type} is empty`);
    this.skip(length);
  }

  private enter(values: number): void {
    // Every value takes a byte at least, so that a few bytes cannot announce a giant.
    if (values > this.bytes.length - this.at) throw new Error('the value is incomplete');
    this.values += values;
    if (this.values > this.bounds.values) throw new Error(`it has more than ${this.bounds.values} values`);
    if (this.outer.length >= this.bounds.depth)
      throw new Error(`it has more than ${this.bounds.depth} levels`);
    this.outer.push(this.missing);
    this.missing = values;
  }

  private skip(length: number): void {
    this.at += length;
    if (this.at > this.bytes.length) throw new Error('the value is incomplete');
  }

  private number(width: 1 | 2 | 4): number {
    let value = 0;
    for (let index = 0; index < width; index++) value = value * 256 + (this.bytes[this.at + index] ?? 0);
    this.skip(width);
    return value;
  }
}

/** One for all: it calls nothing that could come back to it, and payloads are many and small. */
const scanner = new Scanner();

/**
 * Checks that `bytes` are one MessagePack value that may be decoded.
 *
 * @throws Error that says what is wrong with them.
 */
export function checkMessagePack(bytes: Uint8Array, bounds: MessagePackBounds): void {
  scanner.run(bytes, bounds);
}
