/** @param {number} x */
export default function noop(x) {
  return x;
}

/** @param {Uint8Array} bytes */
export function take(bytes) {
  return bytes.length + (bytes.at(-1) ?? 0);
}

/** @param {{ size: number, fill: number }} options */
export function give({ size, fill }) {
  return new Uint8Array(size).fill(fill);
}
