/** Digits of Z85, as in ZeroMQ's RFC 32. */
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** Writes bytes, a multiple of 4 of them, in Z85: five characters for four bytes. */
export function z85(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const value = bytes.readUInt32BE(at);
    for (let divisor = 85 ** 4; divisor >= 1; divisor /= 85) {
      text += DIGITS[Math.floor(value / divisor) % 85] ?? '';
    }
  }
  return text;
}
